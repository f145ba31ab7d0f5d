package dev.aioli.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The samples of a run, as comma-separated values. */
final class Curve {
  private Curve() {}

  static String of(List<Sample> samples) {
    String head =
        "seconds,steps,"
            + Arrays.stream(Resource.values())
                .map(Resource::title)
                .collect(Collectors.joining(","));
    return head + "\n" + samples.stream().map(Curve::line).collect(Collectors.joining());
  }

  static String line(Sample sample) {
    return Math.round(sample.seconds())
        + ","
        + sample.steps()
        + ","
        + Arrays.stream(Resource.values())
            .map(resource -> Long.toString(resource.inUnits(sample.used(resource))))
            .collect(Collectors.joining(","))
        + "\n";
  }

  static void write(Path file, List<Sample> samples) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(file, of(samples));
  }
}
