package dev.aioli;

import dev.aioli.lowlevel.Clock;
import dev.aioli.lowlevel.HasHolders;
import dev.aioli.lowlevel.WaitQueue.Waiter;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Tells of a loop that waits in vain. The watchdog's thread sees that nothing has run for a while;
 * what there is to tell the loop finds out itself, in its turn.
 */
final class HangWatch {
  /*
   * The watchdog only raises flags and wakes the poller. The loop looks at the flags between two
   * iterations, as it does for failures that are garbage: no callback is scheduled, so that the order
   * and the number of its steps do not depend on real time.
   */
  private static final String IDLE_PROPERTY = "dev.aioli.idleReportMillis";
  private static final String DEADLOCK_PROPERTY = "dev.aioli.deadlockMillis";
  private static final System.Logger LOG = System.getLogger("dev.aioli");
  private static final long NEVER = Long.MAX_VALUE;
  private static final long WAIT_NANOS = Duration.ofMinutes(1).toNanos();

  private static final int IDLE = 1;
  private static final int LONG_IDLE = 2;
  private static final int LONG_WAITS = 4;

  private final EventLoop loop;
  private final StepWatch steps;

  /** Else nobody can say how long it has been idle. */
  private final boolean realTime;

  private final long idleNanos =
      MillisProperty.nanos(IDLE_PROPERTY, Duration.ofSeconds(1).toNanos(), NEVER, "no reports");
  private final long deadlockNanos =
      MillisProperty.nanos(
          DEADLOCK_PROPERTY, Duration.ofSeconds(10).toNanos(), NEVER, "no reports");

  /** What the watchdog has asked for. */
  private volatile int asked;

  // The watchdog's.
  private long seenStep = Long.MIN_VALUE;
  private long lookedAtNanos;
  private long idleForNanos;
  private int askedWhileIdle;
  private long waitsAskedAtNanos = System.nanoTime();

  /** Whether another thread has posted to the loop, which it may do again. */
  private volatile boolean posted;

  /** In the turn. */
  private boolean told;

  HangWatch(EventLoop loop, StepWatch steps, Clock clock) {
    this.loop = loop;
    realTime = clock.equals(Clock.SYSTEM);
    this.steps = steps;
  }

  /** How long the watchdog may pause; {@link Watchdog#NEVER} if it need not look. */
  long pauseNanos() {
    return (idleNanos == NEVER && deadlockNanos == NEVER) || !realTime
        ? Watchdog.NEVER
        : Math.min(idleNanos, deadlockNanos) / 4;
  }

  /**
   * Looks whether the loop has been idle for long. Time counts from the first look that finds it
   * so, and between two looks up to a bound, for a JVM that stood still as a whole. On the
   * watchdog's thread.
   *
   * @param now real time
   */
  void look(long now) {
    long step = steps.latest();
    if (step > 0 || step != seenStep) {
      seenStep = step;
      idleForNanos = 0;
      askedWhileIdle = 0;
    } else {
      idleForNanos += Math.min(now - lookedAtNanos, 2 * pauseNanos());
      if (idleForNanos >= idleNanos) {
        ask(IDLE);
      }
      if (idleForNanos >= deadlockNanos) {
        ask(LONG_IDLE);
      }
    }
    lookedAtNanos = now;
    if (now - waitsAskedAtNanos >= WAIT_NANOS) {
      waitsAskedAtNanos = now;
      askedWhileIdle &= ~LONG_WAITS;
      ask(LONG_WAITS);
    }
  }

  /** Once, as long as the loop is idle. */
  private synchronized void ask(int what) {
    if ((askedWhileIdle & what) == 0) {
      askedWhileIdle |= what;
      asked |= what;
      loop.poller().wakeup();
    }
  }

  /** Whether there is something for {@link #report}. */
  boolean isAsked() {
    return asked != 0;
  }

  private synchronized int takeAsked() {
    int what = asked;
    asked = 0;
    return what;
  }

  /** Something was posted that the loop had not waited for. From any thread. */
  void posted() {
    if (!posted) {
      posted = true;
    }
  }

  /** Tells what there is to tell. In the turn, between two iterations. */
  void report() {
    int what = takeAsked();
    if ((what & LONG_WAITS) != 0) {
      reportLongWaits();
    }
    if ((what & IDLE) != 0) {
      loop.unseenFailures().reportLonely();
    }
    boolean mayComeBack = posted || !loop.waitingOutside().isEmpty();
    if ((what & LONG_IDLE) != 0 || ((what & IDLE) != 0 && !mayComeBack)) {
      reportStall(mayComeBack);
    }
  }

  private void reportStall(boolean mayComeBack) {
    if (told || !isStalled()) {
      return;
    }
    told = true;
    LOG.log(
        Level.WARNING,
        "Nothing can ever run again in this loop"
            + (mayComeBack ? ", unless another thread posts to it" : "")
            + ": nothing is ready, there is no timer, no open channel and no work in other threads. Its"
            + " tasks wait for each other, or for what nobody will do. (A thread that is going to post"
            + " says so by loop.outside().hold(...); -D"
            + (mayComeBack ? DEADLOCK_PROPERTY : IDLE_PROPERTY)
            + "=0 switches this report off.) "
            + TaskDump.of(loop));
  }

  private boolean isStalled() {
    Iterations iterations = loop.iterations();
    if (!iterations.nothingToRun()
        || iterations.timers().size() > 0
        || loop.poller().mayBringEvents()
        || loop.outside().pending() > 0) {
      return false;
    }
    boolean[] blocking = {false};
    loop.tasks().forEach(task -> blocking[0] |= task.isInBlocking());
    return !loop.tasks().isEmpty() && !blocking[0];
  }

  // ---- long waits

  /** Tells of locks and permits for which the same task has waited at two looks. */
  private void reportLongWaits() {
    Set<Object> told = Collections.newSetFromMap(new IdentityHashMap<>());
    loop.tasks()
        .forEach(task -> {
          if (task.waitingFor() instanceof Waiter waiter
              && waiter.owner() instanceof HasHolders owner
              && waiter.isSeenForTheSecondTime()
              && told.add(owner)) {
            report(task, owner);
          }
        });
  }

  private static void report(Task<?> task, HasHolders owner) {
    LOG.log(
        Level.WARNING,
        task
            + " has waited for more than a minute, "
            + TaskDump.holders(owner)
            + "."
            + TaskDump.frames(task)
            + TaskDump.framesOfHolders(owner));
  }
}
