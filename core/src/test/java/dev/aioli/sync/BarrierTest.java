package dev.aioli.sync;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.settle;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Task;
import dev.aioli.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BarrierTest {
  private static List<Task<Integer>> arrivals(Barrier barrier, int count) {
    List<Task<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tasks.add(createTask(() -> barrier.await()));
    }
    return tasks;
  }

  @Test
  void letsAllGoWhenTheLastOneComes() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(3);
      List<Task<Integer>> early = arrivals(barrier, 2);
      ticks(3);
      assertThat(barrier.waiting()).isEqualTo(2);
      assertThat(early).noneMatch(Task::done);
      assertThat(barrier.await()).isEqualTo(2);
      assertThat(gather(early)).containsExactly(0, 1);
      assertThat(barrier.waiting()).isZero();
    });
  }

  @Test
  void barrierOfOneNeverWaits() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(1);
      assertThat(barrier.await()).isZero();
      assertThat(barrier.await()).isZero();
      assertThat(barrier.state()).isEqualTo("filling");
    });
  }

  @Test
  void isReusable() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(2);
      assertThat(gather(arrivals(barrier, 6))).containsExactlyInAnyOrder(0, 0, 0, 1, 1, 1);
      assertThat(barrier.state()).isEqualTo("filling");
    });
  }

  @Test
  void newcomersWaitWhileItDrains() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(2);
      List<Task<Integer>> first = arrivals(barrier, 1);
      ticks(2);
      barrier.await();
      assertThat(barrier.state()).isEqualTo("draining");
      assertThat(barrier.waiting()).isZero();
      List<Task<Integer>> next = arrivals(barrier, 2);
      assertThat(gather(first)).containsExactly(0);
      assertThat(gather(next)).containsExactly(0, 1);
    });
  }

  @Test
  void waiterCancelledBeforeTheLastOneComesJustLeaves() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(2);
      Task<Integer> cancelled = arrivals(barrier, 1).getFirst();
      ticks(2);
      cancelled.cancel();
      assertCancelled(cancelled);
      assertThat(barrier.waiting()).isZero();
      assertThat(barrier.broken()).isFalse();
      assertThat(gather(arrivals(barrier, 2))).containsExactly(0, 1);
    });
  }

  @Test
  void waiterCancelledAfterItWasLetGoDoesNotHoldUpTheNextRound() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(2);
      Task<Integer> cancelled = arrivals(barrier, 1).getFirst();
      ticks(2);
      barrier.await();
      cancelled.cancel();
      assertCancelled(cancelled);
      assertThat(barrier.state()).isEqualTo("filling");
      assertThat(gather(arrivals(barrier, 2))).containsExactly(0, 1);
    });
  }

  @Test
  void nextComerTakesThePlaceOfACancelledOne() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(3);
      List<Task<Integer>> tasks = arrivals(barrier, 2);
      ticks(3);
      tasks.getFirst().cancel();
      ticks(3);
      assertThat(barrier.waiting()).isOne();
      List<Task<Integer>> more = arrivals(barrier, 2);
      gather(more);
      assertThat(tasks.getLast().await()).isNotNegative();
    });
  }

  @Test
  void resetSendsThoseWhoWaitAwayAndIsReusable() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(3);
      List<Task<Integer>> waiting = arrivals(barrier, 2);
      ticks(3);
      barrier.reset();
      assertThat(barrier.state()).isEqualTo("resetting");
      assertThat(barrier.broken()).isFalse();
      Task<Integer> newcomer = arrivals(barrier, 1).getFirst();
      for (Task<Integer> task : waiting) {
        assertThatThrownBy(task::await)
            .isInstanceOf(BrokenBarrierException.class)
            .hasMessageContaining("reset or aborted");
      }
      assertThat(gather(arrivals(barrier, 2))).hasSize(2);
      newcomer.await();
    });
  }

  @Test
  void resetOfAnIdleBarrierChangesNothing() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(2);
      barrier.reset();
      assertThat(barrier.state()).isEqualTo("filling");
      assertThat(gather(arrivals(barrier, 2))).containsExactly(0, 1);
    });
  }

  @Test
  void abortBreaksForThoseWhoWaitAndThoseWhoCome() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(2);
      Task<Integer> waiting = arrivals(barrier, 1).getFirst();
      ticks(2);
      barrier.abort();
      assertThat(barrier.broken()).isTrue();
      assertThatThrownBy(waiting::await).isInstanceOf(BrokenBarrierException.class);
      assertThatThrownBy(barrier::await)
          .isInstanceOf(BrokenBarrierException.class)
          .hasMessageContaining("the barrier was aborted: Barrier[broken, waiting=0/2]");
    });
  }

  @Test
  void resetMendsABrokenBarrier() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(2);
      barrier.abort();
      barrier.reset();
      assertThat(barrier.broken()).isFalse();
      assertThat(gather(arrivals(barrier, 2))).containsExactly(0, 1);
    });
  }

  @Test
  void abortReachesThoseWhoWaitForItToDrain() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(2);
      Task<Integer> first = arrivals(barrier, 1).getFirst();
      ticks(2);
      barrier.await(); // draining: first has not left yet
      Task<?> aborter = createTask(barrier::abort);
      Task<Integer> newcomer = arrivals(barrier, 1).getFirst();
      settle(first, aborter, newcomer);
      assertThat(newcomer.exception()).isInstanceOf(BrokenBarrierException.class);
      assertThat(barrier.broken()).isTrue();
    });
  }

  @Test
  void fewerThanOnePartyIsRefused() {
    assertThatThrownBy(() -> new Barrier(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected parties >= 1, was 0");
  }

  @Test
  void showsItsState() {
    VirtualTime.run(() -> {
      Barrier barrier = new Barrier(2);
      Task<Integer> waiting = arrivals(barrier, 1).getFirst();
      ticks(2);
      assertThat(barrier).hasToString("Barrier[filling, waiting=1/2]");
      assertThat(barrier.parties()).isEqualTo(2);
      waiting.cancel();
      tick();
    });
  }
}
