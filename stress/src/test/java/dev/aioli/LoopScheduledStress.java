package dev.aioli;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** A task blocks without suspending, and another thread unblocks it: the loop must notice. */
final class LoopScheduledStress {
  private LoopScheduledStress() {}

  @Outcome(id = Meeting.WOKEN, expect = Expect.ACCEPTABLE, desc = "The task went on")
  @Outcome(id = Meeting.LOST, expect = Expect.FORBIDDEN, desc = "The loop waits on")
  static final class Grading {}

  /** The engine and the JVM as they are. */
  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class ParkAndUnpark {
    private final EventLoop loop = Loops.newLoop();
    private final Meeting meeting = new Meeting();
    private volatile boolean go;

    @Actor
    public void loop() {
      loop.runUntilComplete(() -> {
        meeting.arrive();
        while (!go) {
          LockSupport.park();
        }
      });
      meeting.leave();
    }

    @Actor
    public void other(L_Result result) {
      Thread task = meeting.awaitSleeper();
      go = true;
      LockSupport.unpark(task);
      result.r1 = meeting.awaitWaking();
    }
  }

  /** As above, and the task gives the turn back before and after, by suspending. */
  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class SuspendAndUnpark {
    private final EventLoop loop = Loops.newLoop();
    private final Meeting meeting = new Meeting();
    private volatile boolean go;

    @Actor
    public void loop() {
      loop.runUntilComplete(() -> {
        meeting.arrive();
        Asyncio.sleep(Duration.ZERO);
        while (!go) {
          LockSupport.park();
        }
        Asyncio.sleep(Duration.ZERO);
      });
      meeting.leave();
    }

    @Actor
    public void other(L_Result result) {
      Thread task = meeting.awaitSleeper();
      LockSupport.unpark(task); // finds it suspended, running or between the two
      go = true;
      LockSupport.unpark(task);
      result.r1 = meeting.awaitWaking();
    }
  }

  /** The flags of {@link LoopScheduledThread} without the JVM's part of the protocol. */
  abstract static class Model {
    final Meeting meeting = new Meeting();
    private volatile boolean runnable;
    volatile boolean unblocked;

    final void resume() {
      meeting.arrive();
      while (!runnable) { // a step that found it blocked
        awaitUnblocked();
      }
      meeting.leave();
    }

    abstract void awaitUnblocked();

    final void execute() {
      Thread loop = meeting.awaitSleeper();
      runnable = true;
      unblocked = true;
      LockSupport.unpark(loop);
    }
  }

  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class FlagModel extends Model {
    @Override
    void awaitUnblocked() {
      while (!unblocked) {
        LockSupport.park(this);
      }
      unblocked = false;
    }

    @Actor
    public void loop() {
      resume();
    }

    @Actor
    public void other(L_Result result) {
      execute();
      result.r1 = meeting.awaitWaking();
    }
  }

  /** Clears the flag before the wait, and with it what came during the step. */
  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class UnguardedFlagTwin extends Model {
    private boolean helped;

    @Override
    void awaitUnblocked() {
      Thread.yield(); // for the short run to catch it
      unblocked = false;
      while (!unblocked && !helped) {
        LockSupport.park(this);
        helped = meeting.isRescued();
      }
    }

    @Actor
    public void loop() {
      resume();
    }

    @Actor
    public void other(L_Result result) {
      execute();
      result.r1 = meeting.awaitWakingOfTwin();
    }
  }
}
