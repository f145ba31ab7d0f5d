package dev.aioli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A pool that is stopped starts nothing any more, wherever its jobs are at that moment. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class StopTest {
  enum Stop {
    SHUTDOWN_NOW,
    KILL_WORKERS,
    TERMINATE_WORKERS;

    void of(ProcessPoolExecutor pool) {
      switch (this) {
        case SHUTDOWN_NOW -> pool.shutdownNow();
        case KILL_WORKERS -> pool.killWorkers();
        case TERMINATE_WORKERS -> pool.terminateWorkers();
      }
    }
  }

  private final ScarceHost host = new ScarceHost();
  private final Lines output = new Lines();
  private final ProcessPoolExecutor pool =
      ProcessPoolExecutor.builder().size(1).standardOutput(output).build(host);

  private void assertNothingRan(JobFuture<?> job) throws Exception {
    assertThatThrownBy(() -> job.get(60, TimeUnit.SECONDS))
        .isInstanceOf(CancellationException.class);
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output.isEmpty()).isTrue();
    assertThat(host.processesAsked).hasValueLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void aJobThatAWorkerHasTakenIsCancelledBeforeItsProcessStarts(Stop stop) throws Exception {
    host.beforeStart(number -> stop.of(pool));
    assertNothingRan(pool.submit(() -> System.out.println("ran")));
  }

  @ParameterizedTest
  @EnumSource
  void aProcessThatIsNotKnownYetDoesNotEscape(Stop stop) throws Exception {
    host.afterStart(process -> stop.of(pool));
    assertNothingRan(pool.submit(() -> System.out.println("ran")));
  }

  @ParameterizedTest
  @EnumSource
  void aWorkerThatInitializesItselfIsNotStartedAgain(Stop stop) throws Exception {
    Lines words = new Lines();
    ProcessPoolExecutor starting =
        ProcessPoolExecutor.builder()
            .size(1)
            .standardOutput(words)
            .initializer(() -> {
              System.out.println("begin");
              Jobs.awaitQuietly(new CountDownLatch(1));
            })
            .build(host);
    JobFuture<?> job = starting.submit(() -> System.out.println("ran"));
    assertThat(words.next()).isEqualTo("begin");
    stop.of(starting);
    assertThatThrownBy(() -> job.get(60, TimeUnit.SECONDS))
        .isInstanceOf(CancellationException.class);
    assertThat(starting.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(words.isEmpty()).isTrue();
    assertThat(host.processesAsked).hasValue(1);
  }

  @ParameterizedTest
  @EnumSource
  void theNextTryToStartIsNotMade(Stop stop) throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    host.beforeStart(number -> {
      failed.countDown();
      throw ScarceHost.noDescriptors();
    });
    JobFuture<?> job = pool.submit(() -> System.out.println("ran"));
    failed.await();
    stop.of(pool);
    assertNothingRan(job);
  }

  @ParameterizedTest
  @EnumSource
  @DisabledOnOs(OS.WINDOWS)
  void aJobThatHadNotArrivedGoesToNoOtherWorker(Stop stop) throws Exception {
    byte[] large = new byte[8 * 1024 * 1024];
    long pid = pool.submit(Jobs::pid).get();
    Jobs.signal("STOP", pid);
    JobFuture<?> job = pool.submit(() -> System.out.println("ran " + large.length));
    Jobs.awaitInside(Jobs.firstWorker(), Frames.class, "send");
    stop.of(pool);
    Jobs.kill(pid); // SIGTERM does not reach a process that is stopped
    assertNothingRan(job);
  }

  @Test
  void shutdownNowGivesBackTheJobWhoseWorkerStarts() throws Exception {
    CountDownLatch starting = new CountDownLatch(1);
    CountDownLatch mayStart = new CountDownLatch(1);
    host.beforeStart(number -> {
      starting.countDown();
      Jobs.awaitQuietly(mayStart);
    });
    JobFuture<?> first = pool.submit(() -> System.out.println("first"));
    JobFuture<?> second = pool.submit(() -> System.out.println("second"));
    starting.await();
    List<Runnable> unstarted = pool.shutdownNow();
    mayStart.countDown();
    assertThat(unstarted).hasSize(2);
    assertThat(List.of(first, second)).allMatch(JobFuture::isCancelled);
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output.isEmpty()).isTrue();
  }
}
