package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callbacks of futures that have many: their order, and who is taken off. */
class CallbackListTest {
  private final List<Object> log = new ArrayList<>();

  /** Equal to those with the same name; counts how often that is asked. */
  private static final class Named implements Consumer<Future<Integer>> {
    static int comparisons;
    final int name;
    final List<Object> log;

    Named(int name, List<Object> log) {
      this.name = name;
      this.log = log;
    }

    @Override
    public void accept(Future<Integer> future) {
      log.add(name);
    }

    @Override
    public boolean equals(Object other) {
      comparisons++;
      return other instanceof Named named && named.name == name;
    }

    @Override
    public int hashCode() {
      return name;
    }
  }

  private static Future<Integer> newFuture() {
    return Asyncio.getRunningLoop().createFuture();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 40, 1_000})
  void equalOnesAreTakenOffTogetherAndTheOthersKeepTheirOrder(int count) {
    VirtualTime.run(() -> {
      Future<Integer> future = newFuture();
      for (int i = 0; i < count; i++) {
        future.addDoneCallback(new Named(i, log));
        future.addDoneCallback(new Named(-1, log));
      }
      assertThat(future.removeDoneCallback(new Named(-1, log))).isEqualTo(count);
      assertThat(future.removeDoneCallback(new Named(-1, log))).isZero();
      assertThat(future.removeDoneCallback(new Named(0, log))).isEqualTo(1);
      future.addDoneCallback(new Named(-1, log));
      future.addDoneCallback(new Named(count - 1, log));
      assertThat(future.removeDoneCallback(new Named(count - 1, log))).isEqualTo(count > 1 ? 2 : 1);
      future.setResult(1);
      ticks(2);
    });
    List<Object> expected = new ArrayList<>();
    for (int i = 1; i < count - 1; i++) {
      expected.add(i);
    }
    expected.add(-1);
    assertThat(log).isEqualTo(expected);
  }

  @Test
  void takingOffOneOfManyTakesNoLonger() {
    VirtualTime.run(() -> {
      Future<Integer> future = newFuture();
      int many = 16_000;
      List<Named> functions = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        functions.add(new Named(i, log));
      }
      functions.forEach(future::addDoneCallback);
      Collections.shuffle(functions, new Random(1));
      Named.comparisons = 0;
      functions.forEach(
          function -> assertThat(future.removeDoneCallback(new Named(function.name, log))).isOne());
      assertThat(Named.comparisons).isLessThan(4 * many);
      assertThat(future.awaitedBy()).isEmpty();
    });
  }

  @Test
  void tasksAndFunctionsShareOneOrder() {
    VirtualTime.run(() -> {
      Future<Integer> future = newFuture();
      List<Task<?>> tasks = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        int number = i;
        tasks.add(
            createTask(() -> {
              Asyncio.await(List.of(future));
              log.add(number);
            }));
        ticks(1);
        future.addDoneCallback(new Named(1_000 + i, log));
      }
      for (int i = 0; i < 100; i += 2) {
        tasks.get(i).cancel();
        future.removeDoneCallback(new Named(1_000 + i, log));
      }
      ticks(2);
      assertThat(future.awaitedBy()).hasSize(50);
      future.setResult(1);
      ticks(3);
    });
    List<Object> functions = new ArrayList<>();
    List<Object> tasks = new ArrayList<>();
    for (int i = 1; i < 100; i += 2) {
      functions.add(1_000 + i);
      tasks.add(i);
    }
    functions.addAll(tasks);
    assertThat(log).isEqualTo(functions);
  }

  @Test
  void manyWhoWaitThroughAShieldOrALimitLeaveNothingBehind() {
    VirtualTime.run(() -> {
      Future<Integer> future = newFuture();
      List<Task<?>> tasks = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        tasks.add(createTask(() -> Asyncio.shield(future).await()));
        tasks.add(createTask(() -> Asyncio.await(List.of(future))));
        tasks.add(createTask(() -> Asyncio.gather(List.of(Asyncio.shield(future)))));
        tasks.add(createTask(() -> Asyncio.asCompleted(List.of(future)).iterator().next()));
      }
      ticks(2);
      tasks.forEach(Task::cancel);
      ticks(5);
      assertThat(tasks).allMatch(Task::cancelled);
      assertThat(future.done()).isFalse();
      assertThat(future.awaitedBy()).isEmpty();
    });
  }

  /** Adds or takes off callbacks while it is compared. */
  private abstract class Meddling implements Consumer<Future<Integer>> {
    @Override
    public void accept(Future<Integer> future) {
      log.add("meddling");
    }

    abstract void meddle();

    @Override
    @SuppressWarnings("EqualsHashCode")
    public boolean equals(Object other) {
      meddle();
      return false;
    }

    @Override
    public int hashCode() {
      return 1;
    }
  }

  @ParameterizedTest // as test_remove_done_callbacks_list_mutation of CPython's test_futures
  @ValueSource(ints = {1, 2, 5})
  void comparisonThatAddsCallbacksIsHarmless(int count) {
    VirtualTime.run(() -> {
      Future<Integer> future = newFuture();
      for (int i = 0; i < count; i++) {
        future.addDoneCallback(
            new Meddling() {
              @Override
              void meddle() {
                future.addDoneCallback(new Named(1, log));
              }
            });
      }
      assertThat(future.removeDoneCallback(new Named(2, log))).isZero();
      future.setResult(1);
      ticks(2);
      assertThat(Collections.frequency(log, "meddling")).isEqualTo(count);
      assertThat(log).contains(1);
    });
  }

  @Test
  void comparisonThatTakesCallbacksOffIsHarmless() {
    VirtualTime.run(() -> {
      Future<Integer> future = newFuture();
      boolean[] meddles = {true};
      future.addDoneCallback(
          new Meddling() {
            @Override
            void meddle() {
              if (meddles[0]) {
                meddles[0] = false;
                future.removeDoneCallback(new Named(1, log));
              }
            }
          });
      future.addDoneCallback(new Named(1, log));
      future.addDoneCallback(new Named(2, log));
      assertThat(future.removeDoneCallback(new Named(1, log))).isZero();
      assertThat(future.removeDoneCallback(new Named(2, log))).isOne();
      future.setResult(1);
      ticks(2);
      assertThat(log).containsExactly("meddling");
    });
  }
}
