package dev.aioli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** {@link Turn} is read without a lock by threads that it does not belong to. */
final class TurnStress {
  private static final int LOOKS = 4;

  private TurnStress() {}

  @Outcome(id = "foreign", expect = Expect.ACCEPTABLE, desc = "It does not have the turn")
  @Outcome(id = "HOLDER", expect = Expect.FORBIDDEN, desc = "It takes itself for the holder")
  static final class Grading {}

  private static String look(EventLoop loop) {
    for (int i = 0; i < LOOKS; i++) {
      if (loop.turn().isWith(Thread.currentThread()) || EventLoop.currentOrNull() != null) {
        return "HOLDER";
      }
    }
    return "foreign";
  }

  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class LookFromOutside {
    private final EventLoop loop = Loops.newLoop();

    @Actor
    public void loop() {
      loop.createTask(() -> Asyncio.sleep(Duration.ZERO));
      Loops.iterate(loop, 2);
    }

    @Actor
    public void outsider(L_Result result) {
      result.r1 = look(loop);
    }
  }

  /** The thread that looks ran the loop before another did. */
  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class LookOfFormerHolder {
    private final EventLoop loop = Loops.newLoop();
    private volatile boolean handedOver;

    @Actor
    public void next() {
      if (handedOver) {
        Loops.iterate(loop, 1);
      }
    }

    @Actor
    public void former(L_Result result) {
      Loops.iterate(loop, 1);
      handedOver = true;
      result.r1 = look(loop);
    }
  }

  /** A turn that nobody gives up: the next to enter just replaces the holder. */
  private static final class StickyTurn {
    private volatile @Nullable Thread holder;

    void enter() {
      holder = Thread.currentThread();
    }

    boolean isWith(Thread candidate) {
      return holder == candidate;
    }
  }

  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class UnguardedLeaveTwin {
    private final StickyTurn turn = new StickyTurn();
    private volatile boolean handedOver;

    @Actor
    public void next() {
      if (handedOver) {
        turn.enter();
      }
    }

    @Actor
    public void former(L_Result result) {
      turn.enter();
      handedOver = true;
      result.r1 = turn.isWith(Thread.currentThread()) ? "HOLDER" : "foreign";
    }
  }
}
