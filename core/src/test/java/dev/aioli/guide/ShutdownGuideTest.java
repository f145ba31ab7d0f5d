package dev.aioli.guide;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.runUntilStopped;
import static dev.aioli.Asyncio.sleep;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.KeyboardInterrupt;
import dev.aioli.Runner;
import dev.aioli.SystemExit;
import dev.aioli.Task;
import dev.aioli.queue.Queue;
import dev.aioli.sync.Event;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ShutdownGuideTest extends GuidePage {
  private boolean quick;

  private void serve() {
    if (!quick) {
      sleep(ofMinutes(1));
    }
  }

  @Test
  void leftovers() {
    inVirtualTime(() -> {
      // region leftovers
      createTask(() -> {
        try {
          serve();
        } finally {
          sleep(ofMillis(10)); // a clean-up may wait
          println("cleaned up");
        }
      });
      sleep(ofMillis(1));
      println("end of the main task");
      // endregion leftovers
    });
    assertPrinted("end of the main task", "cleaned up");
  }

  @Test
  void bounded() {
    var jobs = new Queue<String>(10);
    jobs.putNowait("a job");
    jobs.shutdown(); // here it is not a signal that ends it
    // region bounded
    runUntilStopped(
        () -> {
          for (String job : jobs) {
            println("finishing " + job);
          }
        },
        () -> jobs.shutdown(), // no more jobs: the loop above ends when it has done what is there
        ofSeconds(10));
    // endregion bounded
    assertPrinted("finishing a job");
  }

  @Test
  void signals() {
    quick = true;
    // region signals
    try {
      run(() -> serve());
    } catch (KeyboardInterrupt e) { // Ctrl-C
      println("interrupted");
    } catch (SystemExit e) { // SIGTERM: e.code() is 143
      println("terminated");
    }
    // endregion signals
    assertPrinted();
  }

  @Test
  void ownSignals() {
    // region own-signals
    try (var runner = new Runner().handleSignals(false)) {
      runner.run(() -> println("signals do what they do without Aioli"));
    }
    // endregion own-signals
    assertPrinted("signals do what they do without Aioli");
  }

  @Test
  void interrupts() throws InterruptedException {
    // region interrupt
    Thread thread =
        Thread.startVirtualThread(() -> {
          try {
            run(() -> serve());
          } catch (CancelledError e) {
            println("ended, interrupted: " + Thread.currentThread().isInterrupted());
          }
        });
    thread.interrupt();
    thread.join();
    // endregion interrupt
    assertPrinted("ended, interrupted: true");
  }

  @Test
  void closing() {
    // region close
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((closed, context) -> println(context.message()));
    Task<?> left =
        loop.createTask(() -> {
          new Event().await();
        });
    loop.runUntilComplete(() -> sleep(Duration.ZERO));
    loop.close();
    println(left.cancelled());
    // endregion close
    assertPrinted(
        "Task was destroyed but it is pending: Task[Task-1 pending waiting for Event[unset, waiters=1]]",
        "true");
  }

  @Test
  void watchdog() {
    // region watchdog
    try (EventLoop loop = EventLoop.builder().blockedLoopDuration(ofMillis(200)).build()) {
      loop.runUntilComplete(() -> println("watched"));
    }
    // endregion watchdog
    assertPrinted("watched");
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no SIGHUP")
  void signalHandler() {
    run(() -> {
      // region signal-handler
      var reload = new Event();
      getRunningLoop().addSignalHandler("HUP", () -> reload.set());
      // endregion signal-handler
      new ProcessBuilder("kill", "-HUP", Long.toString(ProcessHandle.current().pid()))
          .start()
          .waitFor();
      reload.await();
    });
  }
}
