package dev.aioli;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Turns the first Ctrl-C or SIGTERM during a run into a cancellation of its main task; a second one
 * does what it does without us: it ends the JVM. So does the first if the loop is blocked and the
 * cancellation does not reach the task.
 *
 * <p>As asyncio only on the program's main thread, and only for signals that nobody else handles.
 */
final class StopSignals implements AutoCloseable {
  /*
   * What the run throws ends the JVM like the signal would have, if nobody catches it: a handler of
   * uncaught exceptions sees to the exit status. It is put onto the main thread only, when a signal
   * has come, and only where the program has none.
   */
  private static final int SIGINT = 2;
  private static final int EXIT_STATUS_OF_SIGNALS = 128; // and the number of the signal

  private static final String PROPERTY = "dev.aioli.blockedStopMillis";
  private static final System.Logger LOG = System.getLogger("dev.aioli");
  private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

  /** How long one step may keep the loop from the cancellation. */
  private final long patienceNanos =
      MillisProperty.nanos(
          PROPERTY, Duration.ofSeconds(2).toNanos(), Long.MAX_VALUE, "as long as it takes");

  private final EventLoop loop;
  private final Task<?> main;
  private final @Nullable Drain drain;
  private final List<SignalHandling> listened = new ArrayList<>();

  /** Whether the cancellation has come to the task, or the run is over. */
  private final CountDownLatch delivered = new CountDownLatch(1);

  /** The number of the first one that came; 0 if none has. Written on the JVM's signal threads. */
  private int received;

  /** Whether the task has counted the cancellation for the first one. In the loop's turn. */
  private boolean counted;

  private StopSignals(EventLoop loop, Task<?> main, @Nullable Drain drain)
      throws ReflectiveOperationException {
    this.loop = loop;
    this.main = main;
    this.drain = drain;
    for (String name : List.of("INT", "TERM")) {
      listenTo(name);
    }
  }

  /**
   * Starts to listen; null if signals are none of our business here.
   *
   * @param drain what the first one does; null to cancel the main task
   */
  static @Nullable StopSignals listen(EventLoop loop, Task<?> main, @Nullable Drain drain) {
    if (!isMainThread(Thread.currentThread())) {
      return null;
    }
    try {
      return new StopSignals(loop, main, drain);
    } catch (ReflectiveOperationException e) {
      MissingModule.warnOnce();
      return null;
    }
  }

  /** Loaded when there is something to say. */
  private static final class MissingModule {
    private static final AtomicBoolean SAID = new AtomicBoolean();

    static void warnOnce() {
      if (!SAID.getAndSet(true)) {
        LOG.log(
            Level.WARNING,
            "Ctrl-C and SIGTERM end this JVM without any clean-up of its tasks: expected"
                + " sun.misc.Signal, found no module jdk.unsupported; start java with"
                + " --add-modules jdk.unsupported, or make the run-time image with it");
      }
    }
  }

  /** The launcher calls it so; there is no other sign. */
  private static boolean isMainThread(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return thread.getName().equals("main") && group != null && group.getName().equals("main");
  }

  private void listenTo(String name) throws ReflectiveOperationException {
    try {
      SignalHandling handling =
          SignalHandling.of(name, "Aioli's handler of Ctrl-C and SIGTERM", this::received);
      if (handling.isOnTopOfTheJvm()) {
        listened.add(handling);
      } else {
        handling.giveBack(); // the program has a handler of its own
      }
    } catch (IllegalStateException e) {
      // the JVM was told to leave signals alone (-Xrs)
    }
  }

  /**
   * What the run throws when its main task has ended by the cancellation: as asyncio, a {@link
   * KeyboardInterrupt} for Ctrl-C; for SIGTERM a {@link SystemExit}. Null if no signal came, or
   * somebody else cancelled the task as well.
   */
  synchronized @Nullable Error error() {
    if (received == 0 || cancelledByOthers()) {
      return null;
    }
    int status = EXIT_STATUS_OF_SIGNALS + received;
    Error error = received == SIGINT ? new KeyboardInterrupt() : new SystemExit(status);
    exitIfUncaught(Thread.currentThread(), error, status);
    return error;
  }

  /** A task that had ended before our request came to it counts only those of others. */
  private boolean cancelledByOthers() {
    return (counted ? main.uncancel() : main.cancelling()) > 0;
  }

  @SuppressWarnings({
    "ReferenceEquality", // a thread without a handler gives its group; and the very same error
    "SystemExitOutsideMain" // the main thread has ended, and the signal asked for it
  })
  private static void exitIfUncaught(Thread thread, Error error, int status) {
    Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
    if (before != thread.getThreadGroup() || Thread.getDefaultUncaughtExceptionHandler() != null) {
      return; // the program has a handler of its own
    }
    thread.setUncaughtExceptionHandler((ended, thrown) -> {
      if (thrown != error) {
        before.uncaughtException(ended, thrown);
        return;
      }
      if (thrown.getSuppressed().length > 0) { // something failed on the way out
        before.uncaughtException(ended, thrown);
      }
      System.exit(status);
    });
  }

  /**
   * Waits until the task has got its cancellation. False if one step holds the turn for too long
   * before; a loop whose steps follow each other gets there. On the JVM's thread for the signal.
   */
  private boolean isDeliveredInTime() {
    StepWatch watch = loop.iterations().watch();
    long step = 0;
    long held = 0;
    try {
      while (!delivered.await(POLL_NANOS, TimeUnit.NANOSECONDS)) {
        long running = watch.runningStep();
        held = running == step && running != 0 ? held + POLL_NANOS : 0; // a JVM may stand still
        step = running;
        if (held >= patienceNanos) {
          return false;
        }
      }
    } catch (InterruptedException e) { // by nobody that we know
      Thread.currentThread().interrupt();
    }
    return true;
  }

  private void cancelMain() {
    if (!counted) {
      counted = main.cancel();
    }
  }

  private void report(SignalHandling signal) {
    BlockedStep blocked = loop.iterations().watch().describe(patienceNanos);
    LOG.log(
        Level.ERROR,
        signal
            + ": this JVM ends without any clean-up of its tasks, since its loop is blocked and cannot"
            + " cancel "
            + Texts.of(main)
            + ". -D"
            + PROPERTY
            + "=0 would have it wait. "
            + (blocked == null ? "" : blocked.report() + "\n")
            + TaskDump.of(loop));
  }

  /** Gives the signals back. */
  @Override
  public void close() {
    delivered.countDown();
    if (drain != null) {
      drain.end();
    }
    listened.forEach(SignalHandling::giveBack);
  }

  private synchronized boolean isFirst(int signal) {
    if (received != 0) {
      return false;
    }
    received = signal;
    return true;
  }

  /** On a thread of the JVM's for each signal. */
  private void received(SignalHandling signal) {
    if (isFirst(signal.number())) {
      loop.postUnlessClosed(() -> {
        delivered.countDown();
        if (drain == null) {
          cancelMain();
        } else {
          drain.start(loop, this::cancelMain);
        }
      });
      if (isDeliveredInTime()) {
        return;
      }
      report(signal);
    }
    signal.passOn();
  }
}
