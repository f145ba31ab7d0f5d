package dev.aioli;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Tells, while it happens, that a task or callback holds the turn of its loop for too long, and has
 * loops look that have been idle for long ({@link HangWatch}). One thread for all loops of the JVM;
 * it is there while loops run, and not after the last of them has been closed.
 */
final class Watchdog implements Runnable {
  /** The setting that means: {@link #defaultNanos}. */
  static final long DEFAULT = -1;

  /** The setting that means: no reports. */
  static final long NEVER = Long.MAX_VALUE;

  private static final String PROPERTY = "dev.aioli.blockedLoopMillis";
  private static final System.Logger LOG = System.getLogger("dev.aioli");
  private static final long DEFAULT_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long DEFAULT_NANOS_IN_DEBUG = Duration.ofMillis(100).toNanos();
  private static final int LOOKS_PER_LIMIT = 4;
  private static final long SHORTEST_PAUSE_NANOS = Duration.ofMillis(1).toNanos();

  /** How long it stays when no loop runs: the next may run soon, and a thread costs something. */
  private static final long LINGER_NANOS = Duration.ofSeconds(1).toNanos();

  /** How long to wait for it at most: it may be in a slow logger. */
  private static final Duration END = Duration.ofSeconds(1);

  /** The one whose turn it is to watch; written under the lock of this class. */
  private static volatile @Nullable Thread current;

  private Watchdog() {}

  // ---- settings

  static long defaultNanos(boolean debug) {
    return debug ? DEFAULT_NANOS_IN_DEBUG : DEFAULT_NANOS;
  }

  /** The setting for a duration: null and zero mean never. */
  static long toNanos(@Nullable Duration duration) {
    if (duration == null || duration.isZero()) {
      return NEVER;
    }
    if (duration.isNegative()) {
      throw new IllegalArgumentException(
          "expected a duration of zero (no reports) or more, was " + duration);
    }
    return Nanos.of(duration);
  }

  /** The setting of the system property. */
  static long byProperty() {
    return MillisProperty.nanos(PROPERTY, DEFAULT, NEVER, "no reports");
  }

  // ---- life

  /** A loop has begun to run: there must be somebody who watches it. */
  static void loopRuns(EventLoop loop) {
    if (current == null && wants(loop)) {
      start();
    }
  }

  /** The settings of a loop have changed: its limit may be shorter than the present pause. */
  static void settingsChanged(EventLoop loop) {
    if (loop.isRunning()) {
      loopRuns(loop);
      LockSupport.unpark(current);
    }
  }

  private static boolean wants(EventLoop loop) {
    return loop.blockedLoopNanos() != NEVER || loop.iterations().hangWatch().pauseNanos() != NEVER;
  }

  private static synchronized void start() {
    if (current != null) {
      return;
    }
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("aioli-watchdog")
            .inheritInheritableThreadLocals(false)
            .unstarted(new Watchdog());
    try {
      current = thread;
      thread.start();
    } catch (OutOfMemoryError e) { // no more threads: the loop can do without this one
      current = null;
      LOG.log(Level.DEBUG, "No thread for the watchdog of blocked loops", e);
    }
  }

  /** Ends the thread, and waits until it has ended, unless a loop runs. */
  static void endUnlessNeeded() {
    Thread ending = dismissUnlessNeeded();
    if (ending == null || ending == Thread.currentThread()) {
      return;
    }
    LockSupport.unpark(ending);
    boolean interrupted = Thread.interrupted();
    try {
      ending.join(END);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Dismisses first and looks then, as {@link #loopRuns} is called by a loop that others see
   * already: either that loop is seen here, or it finds nobody and waits for the lock.
   */
  private static synchronized @Nullable Thread dismissUnlessNeeded() {
    Thread dismissed = current;
    current = null;
    for (EventLoop loop : RunningLoops.all()) {
      if (wants(loop)) {
        current = dismissed;
        return null;
      }
    }
    return dismissed;
  }

  /** Whether somebody watches who can. */
  static synchronized boolean isThere() {
    Thread thread = current;
    return thread != null && thread.isAlive();
  }

  /** Under the lock, where a dismissal that is taken back does not show. */
  @SuppressWarnings("ReferenceEquality") // whether this very thread is the one
  private static synchronized boolean isDismissed() {
    return current != Thread.currentThread();
  }

  // ---- work

  @Override
  @SuppressWarnings("ReferenceEquality") // whether this very thread is the one
  public void run() {
    long idleSince = System.nanoTime();
    while (current == Thread.currentThread() || !isDismissed()) {
      long pause = lookAtAll();
      if (pause < NEVER) {
        idleSince = System.nanoTime();
      } else if (System.nanoTime() - idleSince >= LINGER_NANOS) {
        dismissUnlessNeeded();
        continue;
      }
      LockSupport.parkNanos(this, Math.min(pause, LINGER_NANOS));
    }
  }

  /** Reports who must be reported; returns how long to wait until the next look. */
  private static long lookAtAll() {
    long pause = NEVER;
    for (EventLoop loop : RunningLoops.all()) {
      long limit = loop.blockedLoopNanos();
      if (limit != NEVER) {
        pause = Math.min(pause, Math.max(SHORTEST_PAUSE_NANOS, limit / LOOKS_PER_LIMIT));
        look(loop, limit);
      }
      HangWatch hangs = loop.iterations().hangWatch();
      long hangPause = hangs.pauseNanos();
      if (hangPause != NEVER) {
        pause = Math.min(pause, Math.max(SHORTEST_PAUSE_NANOS, hangPause));
        hangs.look(System.nanoTime());
      }
    }
    return pause;
  }

  private static void look(EventLoop loop, long limit) {
    try {
      BlockedStep blocked = loop.iterations().watch().look(System.nanoTime(), limit);
      if (blocked != null) {
        LOG.log(Level.WARNING, blocked.report());
      }
    } catch (RuntimeException | Error e) { // of a logger, for one: the others want to be watched
      LOG.log(Level.DEBUG, "Could not report a blocked loop", e);
    }
  }
}
