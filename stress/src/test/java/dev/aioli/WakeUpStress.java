package dev.aioli;

import dev.aioli.lowlevel.Poller;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** Whoever posts to a loop that is about to sleep wakes it. */
final class WakeUpStress {
  private WakeUpStress() {}

  @Outcome(id = Meeting.WOKEN, expect = Expect.ACCEPTABLE, desc = "The loop saw the post")
  @Outcome(id = Meeting.LOST, expect = Expect.FORBIDDEN, desc = "The loop sleeps on a post")
  static final class Grading {}

  /** Looks at the queues first and says that it sleeps after. */
  private static final class UnguardedPoller implements Poller {
    private volatile @Nullable Thread parked;

    @Override
    public void poll(long timeoutNanos, BooleanSupplier mayWait) {
      if (!mayWait.getAsBoolean()) {
        return;
      }
      Thread.yield(); // for the short run to catch it
      parked = Thread.currentThread();
      LockSupport.park(this);
      parked = null;
    }

    @Override
    public void wakeup() {
      Thread thread = parked;
      if (thread != null) {
        LockSupport.unpark(thread);
      }
    }
  }

  /** The inbox and the poller as the loop uses them, and nothing else, so that they meet often. */
  abstract static class Sleep {
    private final Poller poller;
    private final Inbox inbox = new Inbox();
    private final Handle handle = Loops.idleHandle();
    final Meeting meeting = new Meeting();

    Sleep(Poller poller) {
      this.poller = poller;
    }

    final void sleepUntilPosted() {
      meeting.arrive();
      while (inbox.isEmpty()) { // a poll may return without a reason
        poller.poll(Poller.FOREVER, inbox::isEmpty);
      }
      meeting.leave();
    }

    final void postAndWake() {
      meeting.awaitSleeper();
      if (inbox.post(handle) == Inbox.Posted.FIRST) {
        poller.wakeup();
      }
    }
  }

  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class PostAndPoll extends Sleep {
    public PostAndPoll() {
      super(new ParkPoller());
    }

    @Actor
    public void loop() {
      sleepUntilPosted();
    }

    @Actor
    public void poster(L_Result result) {
      postAndWake();
      result.r1 = meeting.awaitWaking();
    }
  }

  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class UnguardedPollTwin extends Sleep {
    public UnguardedPollTwin() {
      super(new UnguardedPoller());
    }

    @Actor
    public void loop() {
      sleepUntilPosted();
    }

    @Actor
    public void poster(L_Result result) {
      postAndWake();
      result.r1 = meeting.awaitWakingOfTwin();
    }
  }

  /** The loop as it is. */
  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class CallSoonThreadsafeAndRun {
    private final EventLoop loop = Loops.newLoop();
    private final Meeting meeting = new Meeting();

    @Actor
    public void loop() {
      meeting.arrive();
      loop.runForever();
      meeting.leave();
    }

    @Actor
    public void poster(L_Result result) {
      meeting.awaitSleeper();
      loop.callSoonThreadsafe(loop::stop);
      result.r1 = meeting.awaitWaking();
    }
  }
}
