package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.StopSignalsTest.Signal;
import dev.aioli.sync.Lock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ctrl-C and SIGTERM where the loop is blocked. */
class BlockedStopTest {
  private static final String SOON = "-Ddev.aioli.blockedStopMillis=200";

  /** Has a task that waits, and one that keeps the turn for ever in the way that it is told. */
  static final class Blocks {
    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final Object MONITOR = new Object();

    public static void main(String[] args) throws InterruptedException {
      CountDownLatch held = new CountDownLatch(1);
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            LOCK.lock();
            synchronized (MONITOR) {
              held.countDown();
              while (true) {
                LockSupport.park();
              }
            }
          });
      held.await();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
      Asyncio.run(() -> {
        Lock lock = new Lock();
        lock.acquire();
        Asyncio.createTask(() -> lock.acquire(), "waits");
        Asyncio.sleep(Duration.ZERO);
        Asyncio.createTask(() -> block(System.getProperty("how")), "blocks").await();
      });
    }

    private static Object block(String how) throws InterruptedException {
      System.out.println("ready");
      switch (how) {
        case "sleep" -> Thread.sleep(Duration.ofDays(1));
        case "lock" -> LOCK.lock();
        case "monitor" -> {
          synchronized (MONITOR) {
            return how;
          }
        }
        default -> {
          while (true) {
            Thread.onSpinWait();
          }
        }
      }
      return how;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "sleep, java.lang.Thread.sleep",
    "lock, java.util.concurrent.locks.ReentrantLock.lock",
    "monitor, dev.aioli.BlockedStopTest$Blocks.block",
    "compute, dev.aioli.BlockedStopTest$Blocks.block"
  })
  void blockedLoopIsToldWithAllItsTasksAndTheJvmEndsAsByTheSignal(String how, String frame)
      throws Exception {
    ChildJvm.Result result = StopSignalsTest.stop(Signal.TERM, Blocks.class, "-Dhow=" + how, SOON);
    assertThat(result.output())
        .containsOnlyOnce("SIGTERM: this JVM ends without any clean-up of its tasks")
        .contains("Task[blocks pending] has held the turn of")
        .contains("Task[waits pending waiting for Lock[locked, waiters=1]]")
        .contains("Task[Task-1 pending waiting for Task]", "    at ", frame, "hook");
    assertThat(result.exitCode()).isEqualTo(Signal.TERM.exitStatus());
  }

  @ParameterizedTest
  @EnumSource
  void itIsWaitedForTwoSecondsByDefault(Signal signal) throws Exception {
    long begin = System.nanoTime();
    ChildJvm.Result result = StopSignalsTest.stop(signal, Blocks.class, "-Dhow=sleep");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(2));
    assertThat(result.output()).contains("SIG" + signal + ": this JVM ends", "hook");
    assertThat(result.exitCode()).isEqualTo(signal.exitStatus());
  }

  /** Is busy all the time, and takes its time to clean up, but gives up the turn in between. */
  static final class IsBusy {
    public static void main(String[] args) {
      Asyncio.run(() -> {
        for (int i = 0; i < 100; i++) {
          Asyncio.createTask(() -> {
            while (true) {
              spin(Duration.ofMillis(2));
              Asyncio.sleep(Duration.ZERO);
            }
          });
        }
        System.out.println("ready");
        try {
          Asyncio.sleep(Duration.ofDays(1));
        } finally {
          Asyncio.sleep(Duration.ofMillis(400));
          System.out.println("cleaned up");
        }
      });
    }

    private static void spin(Duration time) {
      long end = System.nanoTime() + time.toNanos();
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void aLoopWhoseStepsFollowEachOtherIsNotBlockedNorIsALongCleanUp() throws Exception {
    ChildJvm.Result result =
        StopSignalsTest.stop(Signal.TERM, IsBusy.class, "-Ddev.aioli.blockedStopMillis=100");
    assertThat(result.output()).contains("cleaned up").doesNotContain("this JVM ends");
    assertThat(result.exitCode()).isEqualTo(Signal.TERM.exitStatus());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1s", "-5"})
  void otherValuesOfThePropertyAreAClearError(String value) throws Exception {
    ChildJvm.Result result = ChildJvm.run(IsBusy.class, "-Ddev.aioli.blockedStopMillis=" + value);
    assertThat(result.output())
        .contains(
            "-Ddev.aioli.blockedStopMillis expected milliseconds, or 0 for as long as it takes,"
                + " found '"
                + value
                + "'");
  }
}
