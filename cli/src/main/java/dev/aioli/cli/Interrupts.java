package dev.aioli.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes Ctrl-C and SIGTERM end a run in order: the JVM waits until what has to be written is
 * written, for a few seconds at most, and then exits with 128 + the number of the signal.
 *
 * <p>A shutdown hook and no handler for signals: that is public API, and the exit status comes from
 * the JVM.
 */
final class Interrupts implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean interrupted;

  /**
   * From now on a signal runs an action and then waits for {@link #close}.
   *
   * @param onInterrupt makes the run end soon; called on another thread
   */
  Interrupts(Runnable onInterrupt) {
    hook =
        Thread.ofPlatform()
            .name("aioli-interrupt")
            .unstarted(() -> {
              interrupted = true;
              onInterrupt.run();
              awaitEnd();
            });
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void awaitEnd() {
    try {
      if (!finished.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        Stderr.println("aioli: warning: gave up waiting for the results to be written");
      }
    } catch (InterruptedException e) {
      // Somebody wants the JVM to end at once.
    }
  }

  /** Whether there was a signal. */
  boolean interrupted() {
    return interrupted;
  }

  /** All is written; the JVM may end. */
  @Override
  public void close() {
    finished.countDown();
    if (!interrupted) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException alreadyEnding) {
        // A signal came just now, and finds that all is done.
      }
    }
  }
}
