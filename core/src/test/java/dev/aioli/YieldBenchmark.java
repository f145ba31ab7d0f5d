package dev.aioli;

import static dev.aioli.Asyncio.sleep;

import java.time.Duration;
import java.util.Arrays;

/**
 * What a switch costs with the watchdog and without, measured in turn in one JVM:
 *
 * <pre>
 * mvn -q test-compile -pl core
 * java --add-opens java.base/java.lang=ALL-UNNAMED -cp core/target/classes:core/target/test-classes \
 *     dev.aioli.YieldBenchmark [rounds] [engine]
 * </pre>
 */
final class YieldBenchmark {
  private static final int YIELDS = 1_000_000;
  private static final int WARM_UP_ROUNDS = 3;

  private YieldBenchmark() {}

  public static void main(String[] args) {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 15;
    if (args.length > 1) {
      System.setProperty("dev.aioli.engine", args[1]);
    }
    double[] on = new double[rounds];
    double[] off = new double[rounds];
    for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
      double with = nanosOfAYield(Duration.ofSeconds(1));
      double without = nanosOfAYield(Duration.ZERO);
      if (round >= 0) {
        on[round] = with;
        off[round] = without;
      }
    }
    System.out.printf(
        "%s: a yield takes %.1f ns with the watchdog, %.1f ns without: ratio %.3f"
            + " (medians of %d rounds)%n",
        Engine.byDefault(), median(on), median(off), median(on) / median(off), rounds);
  }

  private static double nanosOfAYield(Duration blockedLoop) {
    try (EventLoop loop = EventLoop.builder().blockedLoopDuration(blockedLoop).build()) {
      long start = System.nanoTime();
      loop.runUntilComplete(() -> {
        for (int i = 0; i < YIELDS; i++) {
          sleep(Duration.ZERO);
        }
      });
      return (double) (System.nanoTime() - start) / YIELDS;
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
