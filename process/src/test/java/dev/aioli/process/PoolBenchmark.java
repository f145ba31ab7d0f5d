package dev.aioli.process;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * What a worker costs: its start, a small job when it is warm, a large result. The command is in
 * docs/guide/processes.md. Arguments are options for the workers' JVM.
 */
final class PoolBenchmark {
  private static final int STARTS = 15;
  private static final int JOBS = 20_000;
  private static final int LARGE = 100 * 1024 * 1024;

  private PoolBenchmark() {}

  static void main(String[] arguments) throws Exception {
    coldStart(arguments); // once for the code of the pool
    long[] starts = new long[STARTS];
    for (int i = 0; i < STARTS; i++) {
      starts[i] = coldStart(arguments);
    }
    report("cold start, first job included", starts);

    try (var pool = ProcessPoolExecutor.create(1)) {
      long[] trips = new long[JOBS];
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < JOBS; i++) {
          int number = i;
          long start = System.nanoTime();
          pool.submit(() -> number + 1).get();
          trips[i] = System.nanoTime() - start;
        }
      }
      report("warm round trip", trips);

      long[] large = new long[5];
      for (int i = 0; i < large.length; i++) {
        long start = System.nanoTime();
        pool.submit(() -> new byte[LARGE]).get();
        large[i] = System.nanoTime() - start;
      }
      report("result of 100 MiB", large);
    }
  }

  private static long coldStart(String[] jvmOptions) throws Exception {
    try (var pool = ProcessPoolExecutor.builder().size(1).jvmOptions(jvmOptions).build()) {
      long start = System.nanoTime();
      pool.submit(() -> 1).get();
      return System.nanoTime() - start;
    }
  }

  private static void report(String what, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        "%-32s median %9.1f us, 99%% %9.1f us%n",
        what,
        nanos[nanos.length / 2] / (double) TimeUnit.MICROSECONDS.toNanos(1),
        nanos[nanos.length * 99 / 100] / (double) TimeUnit.MICROSECONDS.toNanos(1));
  }
}
