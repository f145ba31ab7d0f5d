package dev.aioli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads, processes and descriptors that are short for a while leave the pool as it was. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class ShortageTest {
  private final ScarceHost host = new ScarceHost();
  private final Lines output = new Lines();

  private ProcessPoolExecutor pool(int size) {
    return ProcessPoolExecutor.builder().size(size).standardOutput(output).build(host);
  }

  @Test
  void withoutAThreadForAnotherWorkerTheJobWaitsForThoseThatThereAre() throws Exception {
    host.refuseThreads(name -> name.equals("aioli-process-2"));
    var pool = pool(2);
    JobFuture<Object> first = pool.submit(() -> Jobs.blockForEver());
    output.next();
    JobFuture<Integer> second = pool.submit(() -> 2);
    host.refuseThreads(name -> false);
    assertThat(pool.submit(() -> 3).get()).isEqualTo(3); // there is a thread for it
    assertThat(second.get()).isEqualTo(2);
    first.cancel(true);
    pool.shutdown();
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(pool)
        .hasToString(
            "ProcessPoolExecutor[terminated, processes = 0 of 2, running = 0, waiting = 0]");
  }

  @Test
  void withoutAThreadForTheFirstWorkerTheJobIsRefusedAndTheNextOneRuns() throws Exception {
    host.refuseThreads(name -> true);
    try (var pool = pool(1)) {
      assertThatThrownBy(() -> pool.submit(() -> System.out.println("ran")))
          .isInstanceOf(RejectedExecutionException.class)
          .hasMessageContaining("not taken")
          .hasCauseInstanceOf(OutOfMemoryError.class);
      assertThat(pool.toString()).contains("running = 0, waiting = 0");
      host.refuseThreads(name -> false);
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
      assertThat(output.isEmpty()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aioli-process-1-out",
        "aioli-process-1-err",
        "aioli-process-exit",
        "aioli-process-start"
      })
  void aProcessThatNoThreadCanWatchIsEndedAndTheNextOneRunsTheJob(String missing) throws Exception {
    AtomicBoolean once = new AtomicBoolean(true);
    host.refuseThreads(name -> name.equals(missing) && once.getAndSet(false));
    var pool = pool(1);
    assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    assertThat(host.processesAsked).hasValue(2);
    assertThat(pool.workerPids()).hasSize(1);
    pool.shutdown();
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void descriptorsThatAreShortForAWhileDoNotBreakThePool() throws Exception {
    host.beforeStart(number -> {
      if (number <= 4) { // more than what breaks it otherwise
        throw ScarceHost.noDescriptors();
      }
    });
    try (var pool = pool(1)) {
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    }
  }

  @Test
  void descriptorsThatStayShortBreakThePoolAfterAWhile() {
    host.patience(Duration.ZERO)
        .beforeStart(number -> {
          throw ScarceHost.noDescriptors();
        });
    try (var pool = pool(1)) {
      JobFuture<Integer> job = pool.submit(() -> 7);
      assertThatThrownBy(job::get)
          .hasCauseInstanceOf(BrokenProcessPoolException.class)
          .hasMessageContaining("tried for 0 s")
          .hasMessageContaining("error=24");
    }
  }

  @Test
  void aWorkerThatLivesKeepsAShortPoolFromBreaking() throws Exception {
    try (var pool = pool(2)) {
      JobFuture<Object> first = pool.submit(() -> Jobs.blockForEver());
      output.next();
      host.patience(Duration.ofNanos(1))
          .beforeStart(number -> {
            if (number <= 4) {
              throw ScarceHost.noDescriptors();
            }
          });
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
      assertThat(host.processesAsked).hasValue(5);
      first.cancel(true);
    }
  }

  @Test
  void aProgramThatIsMissingIsNotWaitedFor() {
    host.beforeStart(number -> {
      throw new IOException("Cannot run program \"java\": error=2, No such file or directory");
    });
    try (var pool = pool(1)) {
      JobFuture<Integer> job = pool.submit(() -> 7);
      assertThatThrownBy(job::get)
          .hasCauseInstanceOf(BrokenProcessPoolException.class)
          .hasMessageContaining("3 starts in a row have failed")
          .hasMessageContaining("make a new pool");
      assertThat(host.processesAsked).hasValue(3);
    }
  }

  @Test
  void cancellingAJobThatWaitsForDescriptorsEndsTheTries() throws Exception {
    CountDownLatch failed = new CountDownLatch(3);
    host.beforeStart(number -> {
      failed.countDown();
      throw ScarceHost.noDescriptors();
    });
    try (var pool = pool(1)) {
      JobFuture<Integer> job = pool.submit(() -> 7);
      failed.await();
      job.cancel(true);
      host.beforeStart(number -> {});
      assertThat(pool.submit(() -> 8).get()).isEqualTo(8);
    }
  }
}
