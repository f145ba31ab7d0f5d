package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.current;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cancels a task at every point of each structured operation: whatever comes out, no child of the
 * structured ones outlives it, no timer is left, and the count of cancellations is that of the
 * cancels from outside (python/cpython#95289, aio-libs/aiohttp#9326).
 */
class CombinatorSweepTest {
  /** What the victim does; tasks that it starts and may leave behind go into the list. */
  interface Operation {
    void run(List<Task<?>> leftBehind) throws Exception;
  }

  private static void work() {
    try {
      sleep(ms(5));
    } finally {
      ticks(2); // clean-up that suspends
    }
  }

  private static Task<?> worker(List<Task<?>> leftBehind) {
    Task<?> task = createTask(CombinatorSweepTest::work);
    leftBehind.add(task);
    return task;
  }

  private static void fail() {
    throw new IllegalArgumentException("failing");
  }

  static Stream<Named<Operation>> operations() {
    return Stream.of(
        Named.of("sleep", left -> work()),
        Named.of("await of a task", left -> worker(left).await()),
        Named.of("gather", left -> Asyncio.gather(List.of(worker(left), worker(left)))),
        Named.of("gather of errors", left -> Asyncio.gather(List.of(worker(left)), true)),
        Named.of("wait", left -> Asyncio.await(List.of(worker(left)))),
        Named.of(
            "wait with a limit",
            left -> Asyncio.await(List.of(worker(left)), ms(2), ReturnWhen.ALL_COMPLETED)),
        Named.of("asCompleted", CombinatorSweepTest::goThroughAsCompleted),
        Named.of("shield", left -> Asyncio.shield(worker(left)).await()),
        Named.of("waitFor", left -> Asyncio.waitFor(worker(left), ms(100))),
        Named.of("waitFor that is late", CombinatorSweepTest::waitInVain),
        Named.of("timeout", left -> Asyncio.timeout(ms(100), CombinatorSweepTest::work)),
        Named.of("timeout that strikes", CombinatorSweepTest::runOutOfTime),
        Named.of("taskGroup", CombinatorSweepTest::group),
        Named.of("taskGroup that fails", CombinatorSweepTest::failingGroup),
        Named.of("taskGroup that is cancelled", CombinatorSweepTest::cancelledGroup),
        Named.of("staggeredRace", CombinatorSweepTest::race));
  }

  private static void goThroughAsCompleted(List<Task<?>> left) {
    List<Future<Integer>> futures = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Task<Integer> task =
          createTask(() -> {
            work();
            return 1;
          });
      left.add(task);
      futures.add(task);
    }
    Asyncio.asCompleted(futures).results().forEach(result -> {});
  }

  private static void waitInVain(List<Task<?>> left) {
    try {
      Asyncio.waitFor(worker(left), ms(2));
    } catch (TimeoutException e) {
      ticks(2);
    }
  }

  private static void runOutOfTime(List<Task<?>> left) {
    try {
      Asyncio.timeout(ms(2), CombinatorSweepTest::work);
    } catch (TimeoutException e) {
      ticks(2);
    }
  }

  private static void group(List<Task<?>> left) {
    Asyncio.taskGroup(group -> {
      group.createTask(CombinatorSweepTest::work);
      group.createTask(CombinatorSweepTest::work);
    });
  }

  private static void failingGroup(List<Task<?>> left) {
    try {
      Asyncio.taskGroup(group -> {
        group.createTask(CombinatorSweepTest::work);
        group.createTask(() -> {
          sleep(ms(2));
          fail();
        });
      });
    } catch (ExceptionGroup e) {
      ticks(2);
    }
  }

  private static void cancelledGroup(List<Task<?>> left) {
    Asyncio.taskGroup(group -> {
      group.createTask(CombinatorSweepTest::work);
      sleep(ms(2));
      group.cancel();
      work();
    });
    ticks(2);
  }

  private static void race(List<Task<?>> left) {
    Asyncio.staggeredRace(
        List.of(
            () -> {
              work();
              return 1;
            },
            () -> {
              sleep(ms(1));
              return 2;
            }),
        ms(2));
  }

  @ParameterizedTest
  @MethodSource("operations")
  void leavesNothingBehind(Operation operation) {
    StepSweep.cancelEverywhere(() -> new Sweep(operation));
  }

  private static final class Sweep implements StepSweep.Scenario {
    private final Operation operation;
    private final List<Task<?>> leftBehind = new ArrayList<>();

    Sweep(Operation operation) {
      this.operation = operation;
    }

    @Override
    public Task<?> start() {
      return createTask(() -> operation.run(leftBehind));
    }

    @Override
    public void check(Task<?> victim) {
      assertThat(victim.cancelled() || victim.exception() == null)
          .as("ended by itself or by the cancellation: %s", victim)
          .isTrue();
      assertThat(victim.cancelled()).isEqualTo(victim.cancelling() == 1);
      sleep(ms(50)); // those that are left end by themselves
      assertThat(leftBehind).allMatch(Task::done);
      assertThat(Asyncio.allTasks()).containsExactly(current());
      assertThat(Asyncio.getRunningLoop().timers().size()).isZero();
    }
  }
}
