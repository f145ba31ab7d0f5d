package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.taskGroup;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** {@link TaskGroup#results}: what the tasks of a group returned, after its block. */
class TaskGroupResultsTest {
  private static String after(String name, long millis) {
    sleep(ms(millis));
    return name;
  }

  @Test
  void resultsComeInTheOrderOfCreation() {
    VirtualTime.run(() -> {
      List<String> results =
          Objects.requireNonNull(
                  taskGroup((TaskGroup group) -> {
                    TaskGroup.Results<String> words = group.results();
                    words.createTask(() -> after("slow", 30));
                    words.createTask(() -> after("fast", 10), "named");
                    group.createTask(() -> after("not asked for", 5));
                    words.createTask(() -> null, TaskOptions.DEFAULT);
                    return words;
                  }))
              .toList();
      assertThat(results).containsExactly("slow", "fast", null);
    });
  }

  @Test
  void taskThatATaskOfTheGroupAddsComesLast() {
    VirtualTime.run(() -> {
      var results =
          taskGroup((TaskGroup group) -> {
            TaskGroup.Results<Integer> numbers = group.results();
            numbers.createTask(() -> {
              tick();
              numbers.createTask(() -> 3);
              return 1;
            });
            numbers.createTask(() -> 2);
            return numbers;
          });
      assertThat(results.toList()).containsExactly(1, 2, 3);
    });
  }

  @Test
  void insideTheBlockTheyAreNotThereYet() {
    VirtualTime.run(() ->
        taskGroup(group -> {
          TaskGroup.Results<String> results = group.results();
          assertThat(results.toList()).isEmpty();
          results.createTask(() -> after("late", 10), "late one");
          assertThatThrownBy(results::toList)
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("expected the end of Task[late one")
              .hasMessageContaining("ask for results after the block");
        }));
  }

  @Test // else the list would be shorter than the user thinks
  void taskThatWasCancelledAloneIsTold() {
    VirtualTime.run(() -> {
      var results =
          taskGroup((TaskGroup group) -> {
            TaskGroup.Results<String> all = group.results();
            all.createTask(() -> after("fine", 1));
            all.createTask(() -> after("never", 10), "dropped").cancel();
            return all;
          });
      assertThatThrownBy(results::toList)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Task[dropped")
          .hasMessageContaining("cancelled on its own");
    });
  }

  @Test
  void cancelOfTheGroupLeavesWhatThereIs() {
    VirtualTime.run(() -> {
      List<TaskGroup.Results<String>> kept = new ArrayList<>();
      taskGroup(group -> {
        TaskGroup.Results<String> all = group.results();
        kept.add(all);
        all.createTask(() -> after("slow", 30));
        all.createTask(() -> after("second", 20));
        all.createTask(() -> after("first", 10));
        sleep(ms(25));
        group.cancel();
      });
      assertThat(kept.getFirst().toList()).containsExactly("second", "first");
    });
  }

  @Test
  void failuresComeOutOfTheBlockAndAgainForWhoCatchesThem() {
    VirtualTime.run(() -> {
      IOException disk = new IOException("disk");
      List<TaskGroup.Results<String>> kept = new ArrayList<>();
      assertThatThrownBy(() ->
              taskGroup(group -> {
                TaskGroup.Results<String> all = group.results();
                kept.add(all);
                all.createTask(() -> {
                  throw disk;
                });
              }))
          .isInstanceOf(ExceptionGroup.class);
      assertThatThrownBy(() -> kept.getFirst().toList())
          .isInstanceOf(CompletionException.class)
          .hasCause(disk);
    });
  }

  @Test
  void closedGroupTakesNoMore() {
    VirtualTime.run(() -> {
      var results = taskGroup((TaskGroup group) -> group.<String>results());
      assertThatThrownBy(() -> results.createTask(() -> "late"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("finished");
      assertThat(results.toList()).isEmpty();
      assertThat(createTask(() -> 1).await()).isEqualTo(1);
    });
  }
}
