package dev.aioli;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Where two actors of a stress test wait for each other, never for ever: one that is not woken when
 * it should be is an outcome, and is then helped on.
 */
final class Meeting {
  static final String WOKEN = "woken";
  static final String LOST = "LOST";

  /** Far longer than any scheduling delay, since a sleeper who would have woken is not lost. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** After the first one is lost the verdict is known, and the rest of the run need not be slow. */
  private static final long NO_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private static volatile boolean someoneWasLost;

  private volatile @Nullable Thread sleeper;
  private volatile boolean returned;
  private volatile boolean rescued;

  /** The calling thread is about to sleep. */
  void arrive() {
    sleeper = Thread.currentThread();
  }

  /** Waits for the other side to arrive. */
  Thread awaitSleeper() {
    long start = System.nanoTime();
    Thread thread = sleeper;
    while (thread == null) {
      endIfLateSince(start);
      Thread.yield();
      thread = sleeper;
    }
    return thread;
  }

  /** The calling thread has woken up. */
  void leave() {
    returned = true;
  }

  boolean isOver() {
    return returned;
  }

  /** Whether the sleeper was given up: for what does not take an unpark for an answer. */
  boolean isRescued() {
    return rescued;
  }

  /** Waits until the sleeper has woken up; whether it did by itself. */
  String awaitWaking() {
    return awaitWaking(PATIENCE_NANOS);
  }

  /** As {@link #awaitWaking()}, for the twins, which are known to sleep on. */
  String awaitWakingOfTwin() {
    return awaitWaking(TimeUnit.SECONDS.toNanos(1));
  }

  private String awaitWaking(long patience) {
    long bound = someoneWasLost ? NO_PATIENCE_NANOS : patience;
    long start = System.nanoTime();
    while (!returned) {
      if (System.nanoTime() - start > bound) {
        someoneWasLost = true;
        rescue();
        return LOST;
      }
      Thread.yield();
    }
    return WOKEN;
  }

  private void rescue() {
    rescued = true;
    long start = System.nanoTime();
    while (!returned) {
      endIfLateSince(start);
      LockSupport.unpark(sleeper);
      Thread.yield();
    }
  }

  /** Ends the JVM when even help does not help; JCStress reports that as an error of the test. */
  private static void endIfLateSince(long start) {
    if (System.nanoTime() - start > PATIENCE_NANOS) {
      System.err.println("the other actor hangs: " + Thread.getAllStackTraces());
      Runtime.getRuntime().halt(1);
    }
  }
}
