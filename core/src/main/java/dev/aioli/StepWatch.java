package dev.aioli;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which step a loop is in, for the {@link Watchdog}: a step is one run of a callback, or of a task
 * between two suspensions.
 */
final class StepWatch {
  /*
   * The loop's side is one plain count and one store a step. The watchdog asks now and then which
   * step runs. It has seen the same one for a while: then everything else that the step wrote at its
   * beginning has reached it long ago, and it may read without synchronisation who has the turn. It
   * asks for the number again afterwards: if that has changed, it drops what it has read.
   */
  private static final VarHandle RUNNING;
  private static final VarHandle CLAIMED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      RUNNING = lookup.findVarHandle(StepWatch.class, "running", long.class);
      CLAIMED = lookup.findVarHandle(StepWatch.class, "claimed", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final EventLoop loop;
  private final Turn turn;

  // Written in the turn.
  private long steps;
  private @Nullable Handle callback;

  /** The number of the step that runs; while none does, that of the last one, negative. */
  @SuppressWarnings("UnusedVariable") // through RUNNING
  private long running;

  /** The step that has been reported. */
  @SuppressWarnings("UnusedVariable") // through CLAIMED
  private volatile long claimed;

  /** What was told last by the watchdog, and the number of that step. */
  private volatile @Nullable Told told;

  private record Told(long step, BlockedStep blocked) {}

  // The watchdog's.
  private long seen;
  private long seenNanos;
  private long lookedAt;

  StepWatch(EventLoop loop, Turn turn) {
    this.loop = loop;
    this.turn = turn;
  }

  /** A task's step begins. */
  void begin() {
    RUNNING.setOpaque(this, ++steps);
  }

  /** A callback begins. */
  void begin(Handle handle) {
    callback = handle;
    RUNNING.setOpaque(this, ++steps);
  }

  /** Nothing runs. */
  void idle() {
    RUNNING.setOpaque(this, -steps);
    callback = null;
  }

  /** Whether the caller is the first who wants to report the latest step. In the turn. */
  boolean claim() {
    return claim(steps);
  }

  /** What the watchdog has told of the latest step; null if nothing. In the turn. */
  @Nullable BlockedStep toldOfLatest() {
    Told last = told;
    return last != null && last.step == steps ? last.blocked : null;
  }

  private boolean claim(long step) {
    long before = claimed;
    return before != step && CLAIMED.compareAndSet(this, before, step);
  }

  /**
   * The step that has held the turn for so long, unless it has been reported. On the watchdog's
   * thread.
   *
   * <p>A step counts as held from the first look that finds it. The time between two looks counts
   * up to half the limit only, so that a JVM that stood still as a whole (a debugger, a suspended
   * machine) reports nobody.
   *
   * @param now real time
   */
  @Nullable BlockedStep look(long now, long limitNanos) {
    long step = runningStep();
    if (step == 0 || step != seen) {
      seen = step;
      seenNanos = 0;
      lookedAt = now;
      return null;
    }
    seenNanos += Math.min(now - lookedAt, (limitNanos + 1) / 2);
    lookedAt = now;
    if (seenNanos < limitNanos || claimed == step) {
      return null;
    }
    BlockedStep blocked = describe(seenNanos);
    if (blocked == null || runningStep() != step || !claim(step)) {
      return null;
    }
    told = new Told(step, blocked);
    return blocked;
  }

  /** The number of the step that runs; 0 while none does. From any thread. */
  long runningStep() {
    return Math.max(0, latest());
  }

  /** The number of the step that runs; if none does, that of the last one, negative. */
  long latest() {
    return (long) RUNNING.getOpaque(this);
  }

  /**
   * Who has the turn, and where; null if nobody has it any more.
   *
   * @param nanos for how long
   */
  @Nullable BlockedStep describe(long nanos) {
    Task<?> task = turn.currentTask();
    Handle handle = callback;
    Thread thread = task == null ? null : task.threadOrNull();
    if (thread == null) {
      thread = turn.threadOrNull();
    }
    if (thread == null) {
      return null; // it has just ended
    }
    Thread.State state = thread.getState();
    List<StackTraceElement> stack = Arrays.asList(thread.getStackTrace());
    String who = task != null ? task.toString() : handle != null ? handle.describe() : "A callback";
    boolean inBlocking = task != null && task.isInBlocking();
    return new BlockedStep(
        who, loop.toString(), nanos, state, BlockedStep.ownFrames(stack), inBlocking);
  }
}
