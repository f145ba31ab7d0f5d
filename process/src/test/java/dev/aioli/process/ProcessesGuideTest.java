package dev.aioli.process;

import static dev.aioli.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.TimeoutException;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The snippets of docs/guide/processes.md. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class ProcessesGuideTest {
  private final StringBuilder printed = new StringBuilder();

  private void println(Object text) {
    printed.append(text).append('\n');
  }

  @Test
  void first() {
    // region first
    try (var pool = ProcessPoolExecutor.create(2)) {
      run(() -> {
        int limit = 100_000;
        var primes = runInExecutor(pool, Job.of(() -> Primes.count(limit)));
        println(primes.await()); // other tasks run meanwhile
      });
    }
    // endregion first
    assertThat(printed).hasToString("9592\n");
  }

  @Test
  void threads() throws Exception {
    // region threads
    try (var pool = ProcessPoolExecutor.create(2)) {
      JobFuture<Integer> primes = pool.submit(() -> Primes.count(1000));
      List<Integer> limits = List.of(10, 100, 1000, 10_000);
      println(primes.get());
      println(pool.map((Integer limit) -> Primes.count(limit), limits, 2).get());
    }
    // endregion threads
    assertThat(printed).hasToString("168\n[4, 25, 168, 1229]\n");
  }

  @Test
  void kill() {
    // region kill
    try (var pool = ProcessPoolExecutor.create(1)) {
      run(() -> {
        try {
          timeout(
              Duration.ofMillis(500),
              () -> runInExecutor(pool, Job.of(() -> hang())).await()); // no interrupt helps here
        } catch (TimeoutException e) {
          println("killed");
        }
        println(runInExecutor(pool, Job.of(() -> 1 + 1)).await()); // in a fresh worker
      });
    }
    // endregion kill
    assertThat(printed).hasToString("killed\n2\n");
  }

  private static int hang() {
    while (true) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        // so what
      }
    }
  }

  @Test
  void crash() {
    try (var pool =
        ProcessPoolExecutor.builder().standardError(new ByteArrayOutputStream()).size(1).build()) {
      run(() -> {
        // region crash
        var crash =
            runInExecutor(
                pool,
                Job.of(() -> {
                  System.err.println("about to fail");
                  System.exit(3);
                  return 1;
                }));
        var next = runInExecutor(pool, Job.of(() -> 2));
        try {
          crash.await();
        } catch (WorkerDiedException e) {
          println(e.exitStatus() + ": " + e.errorTail().strip());
        }
        println(next.await()); // nobody else noticed
        // endregion crash
      });
    }
    assertThat(printed).hasToString("3: about to fail\n2\n");
  }

  @Test
  void settings() throws Exception {
    // region settings
    var builder =
        ProcessPoolExecutor.builder()
            .size(4) // workers at most; they start when there are jobs
            .jvmOptions("-Xmx256m")
            .initializer(() -> System.setProperty("model", "loaded")) // once per worker
            .maxJobsPerWorker(1000) // for code that leaks
            .idleTimeout(Duration.ofSeconds(30))
            .finishCancelledJobs(false); // kill them
    // endregion settings
    try (var pool = builder.build()) {
      assertThat(pool.submit(() -> System.getProperty("model")).get()).isEqualTo("loaded");
    }
  }

  private static final class Primes {
    static int count(int limit) {
      return (int)
          IntStream.range(2, limit)
              .filter(n -> IntStream.rangeClosed(2, (int) Math.sqrt(n)).allMatch(d -> n % d != 0))
              .count();
    }
  }
}
