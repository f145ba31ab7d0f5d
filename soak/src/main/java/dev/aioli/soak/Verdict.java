package dev.aioli.soak;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a run was flat: for no resource the last third of the samples is above the middle third
 * by more than its bound. The first third is left out: caches fill, code is compiled.
 *
 * @param growing a sentence for each resource that grows; empty if all is well
 */
record Verdict(List<String> growing) {
  /** Fewer samples say nothing: three in each third. */
  static final int FEWEST_SAMPLES = 9;

  static Verdict of(List<Sample> samples) {
    if (samples.size() < FEWEST_SAMPLES) {
      return new Verdict(
          List.of(
              "expected at least "
                  + FEWEST_SAMPLES
                  + " samples, got "
                  + samples.size()
                  + "; run for longer"));
    }
    int third = samples.size() / 3;
    List<Sample> last = samples.subList(samples.size() - third, samples.size());
    List<Sample> middle = samples.subList(samples.size() - 2 * third, samples.size() - third);
    List<String> growing = new ArrayList<>();
    for (Resource resource : Resource.values()) {
      long before = median(middle, resource);
      long after = median(last, resource);
      if (after - before > resource.bound()) {
        growing.add(
            resource.title()
                + " grows: "
                + resource.inUnits(before)
                + " in the middle third, "
                + resource.inUnits(after)
                + " in the last, and no more than "
                + resource.inUnits(resource.bound())
                + " are allowed between them");
      }
    }
    return new Verdict(List.copyOf(growing));
  }

  boolean isFlat() {
    return growing.isEmpty();
  }

  /** One odd sample decides nothing. */
  private static long median(List<Sample> samples, Resource resource) {
    long[] sorted = samples.stream().mapToLong(sample -> sample.used(resource)).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
