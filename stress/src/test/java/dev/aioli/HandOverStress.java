package dev.aioli;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The turn goes back and forth between two threads: one has it, and sees what the other wrote. */
final class HandOverStress {
  private static final int ROUNDS = 4;

  private HandOverStress() {}

  @Outcome(id = "4, 4", expect = Expect.ACCEPTABLE, desc = "Each saw what the other wrote last")
  static final class Grading {}

  /** The engine as it is, between virtual threads, while a third one unparks both at random. */
  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class TaskAndCallback {
    private final EventLoop loop = EventLoop.builder().engine(Engine.HAND_OVER).build();
    private final Meeting meeting = new Meeting();
    private volatile @Nullable Thread loopThread;
    private int count;
    private int seenByTask;
    private int seenByLoop;

    @Actor
    public void loop(II_Result result) {
      loop.callSoon(() -> loopThread = Thread.currentThread());
      loop.runUntilComplete(this::task);
      loop.close();
      result.r1 = seenByTask;
      result.r2 = seenByLoop;
      meeting.leave();
    }

    private void task() {
      meeting.arrive();
      for (int i = 0; i < ROUNDS; i++) {
        int round = i;
        seenByTask += count++ == 2 * i ? 1 : 0;
        loop.callSoon(() -> seenByLoop += count++ == 2 * round + 1 ? 1 : 0);
        Asyncio.sleep(Duration.ZERO);
      }
    }

    @Actor
    public void disturber() {
      Thread task = meeting.awaitSleeper();
      while (!meeting.isOver()) {
        LockSupport.unpark(task);
        LockSupport.unpark(loopThread);
        Thread.yield();
      }
    }
  }

  /**
   * The flag of {@link HandOverThread} between two actors. What the previous run has left of
   * unparks is what disturbs this one.
   */
  abstract static class Model {
    private volatile @Nullable Thread loop;
    private volatile @Nullable Thread task;
    volatile boolean taskHasTurn;
    private int count;

    final void playLoop(II_Result result) {
      loop = Thread.currentThread();
      while (task == null) {
        Thread.yield();
      }
      int seen = 0;
      for (int i = 0; i < ROUNDS; i++) {
        seen += count++ == 2 * i ? 1 : 0;
        taskHasTurn = true;
        LockSupport.unpark(task);
        awaitTurn(false);
      }
      result.r1 = seen;
    }

    final void playTask(II_Result result) {
      task = Thread.currentThread();
      while (loop == null) {
        Thread.yield();
      }
      int seen = 0;
      for (int i = 0; i < ROUNDS; i++) {
        awaitTurn(true);
        seen += count++ == 2 * i + 1 ? 1 : 0;
        taskHasTurn = false;
        LockSupport.unpark(loop);
      }
      result.r2 = seen;
    }

    abstract void awaitTurn(boolean mine);
  }

  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class TurnModel extends Model {
    @Override
    void awaitTurn(boolean mine) {
      while (taskHasTurn != mine) {
        LockSupport.park(this);
      }
    }

    @Actor
    public void loop(II_Result result) {
      playLoop(result);
    }

    @Actor
    public void task(II_Result result) {
      playTask(result);
    }
  }

  /** Believes in the first return of park. */
  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class UnguardedParkTwin extends Model {
    @Override
    void awaitTurn(boolean mine) {
      if (taskHasTurn != mine) {
        LockSupport.parkNanos(this, 1_000_000); // it may be left alone by a side that went ahead
      }
    }

    @Actor
    public void loop(II_Result result) {
      playLoop(result);
    }

    @Actor
    public void task(II_Result result) {
      playTask(result);
    }
  }
}
