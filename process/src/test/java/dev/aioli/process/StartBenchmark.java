package dev.aioli.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the start of a worker costs with and without a cache of its classes, its first job included.
 * The kinds take turns, so that a busy machine is unfair to none. A JVM caches classes of jars
 * only: the command is in docs/guide/processes.md. The argument is the number of rounds.
 */
final class StartBenchmark {
  private record Kind(String name, List<String> jvmOptions, List<Long> wall, List<Long> cpu) {
    Kind(String name, String... jvmOptions) {
      this(name, List.of(jvmOptions), new ArrayList<>(), new ArrayList<>());
    }
  }

  private StartBenchmark() {}

  static void main(String[] arguments) throws Exception {
    int rounds = arguments.length == 0 ? 21 : Integer.parseInt(arguments[0]);
    Path folder = Files.createTempDirectory("aioli-start");
    Path archive = folder.resolve("workers.jsa");
    Path cache = folder.resolve("workers.aot");
    start(new Kind("train", "-XX:ArchiveClassesAtExit=" + archive, "-Xlog:disable"));
    start(new Kind("train", "-XX:AOTCacheOutput=" + cache, "-Xlog:disable"));
    awaitWritten(cache); // by a JVM of its own, which outlives the worker
    System.out.printf("archive %,d bytes, cache %,d bytes%n", size(archive), size(cache));
    List<Kind> kinds =
        List.of(
            new Kind("no cache"),
            new Kind("CDS archive", "-XX:SharedArchiveFile=" + archive),
            new Kind("AOT cache", "-XX:AOTCache=" + cache));
    for (int round = 0; round < rounds; round++) {
      for (Kind kind : kinds) {
        start(kind);
      }
    }
    for (Kind kind : kinds) {
      System.out.printf(
          "%-12s first job after %5.0f ms, CPU time of the worker %5.0f ms (medians)%n",
          kind.name, median(kind.wall), median(kind.cpu));
    }
  }

  private static void start(Kind kind) throws Exception {
    var builder =
        ProcessPoolExecutor.builder().size(1).jvmOptions(kind.jvmOptions.toArray(String[]::new));
    try (var pool = builder.build()) {
      long start = System.nanoTime();
      pool.submit(() -> 1).get();
      kind.wall.add(System.nanoTime() - start);
      ProcessHandle worker = ProcessHandle.of(pool.workerPids().iterator().next()).orElseThrow();
      kind.cpu.add(worker.info().totalCpuDuration().orElse(Duration.ZERO).toNanos());
    }
  }

  private static void awaitWritten(Path file) throws Exception {
    long before = -1;
    while (size(file) == 0 || size(file) != before) {
      before = size(file);
      Thread.sleep(1000);
    }
  }

  private static long size(Path file) throws Exception {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private static double median(List<Long> nanos) {
    long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2] / 1e6;
  }
}
