package dev.aioli.guide;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.currentTask;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.task;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Future;
import dev.aioli.Task;
import dev.aioli.TaskOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class TasksGuideTest extends GuidePage {
  @Test
  void lazyStart() {
    inVirtualTime(() -> {
      // region lazy
      Task<Integer> task =
          createTask(() -> {
            println("body");
            return 42;
          });
      println("created");
      println(task.await());
      // endregion lazy
    });
    assertPrinted("created", "body", "42");
  }

  @Test
  void oneTurn() {
    inVirtualTime(() -> {
      int[] counter = {0};
      // region turn
      for (int i = 0; i < 10; i++) {
        createTask(() -> {
          int seen = counter[0]; // no lock: nothing runs between here ...
          counter[0] = seen + 1; // ... and here, since nothing suspends
          sleep(ofMillis(10)); // here the others run
        });
      }
      sleep(ofMillis(20));
      println(counter[0]);
      // endregion turn
    });
    assertPrinted("10");
  }

  @Test
  void outcomes() {
    inVirtualTime(() -> {
      // region outcomes
      Task<Integer> failing = createTask(() -> Integer.parseInt("x"));
      try {
        failing.await();
      } catch (NumberFormatException e) { // the object that the body threw
        println(e.getMessage());
      }

      Task<?> checked =
          createTask(() -> {
            throw new IOException("disk");
          });
      try {
        checked.await();
      } catch (CompletionException e) { // a checked one comes wrapped
        println(e.getCause().getMessage());
      }
      println(checked.exception().getMessage()); // never wrapped
      // endregion outcomes
    });
    assertPrinted("For input string: \"x\"", "disk", "disk");
  }

  @Test
  void checked() {
    inVirtualTime(() -> {
      // region checked
      Task<String> reading =
          createTask(() -> {
            throw new IOException("disk");
          });
      try {
        println(reading.awaitChecked(IOException.class));
      } catch (IOException e) { // the object that the body threw
        println(e.getMessage());
      }
      // endregion checked
    });
    assertPrinted("disk");
  }

  @Test
  void lazyStream() {
    inVirtualTime(() -> {
      // region lazy-stream
      List<Integer> numbers = List.of(1, 2, 3);
      numbers.stream().map(n -> task(() -> slowly(n))).map(Task::await).toList(); // 3 x 100 ms
      List<Task<Integer>> all = numbers.stream().map(n -> task(() -> slowly(n))).toList();
      println(all.stream().map(Task::await).toList()); // 100 ms
      // endregion lazy-stream
      assertThat(millis()).isEqualTo(400);
    });
    assertPrinted("[1, 2, 3]");
  }

  private static int slowly(int number) {
    sleep(ofMillis(100));
    return number;
  }

  @Test
  void options() {
    inVirtualTime(() -> {
      // region options
      Task<String> task =
          createTask(
              () -> currentTask().getName(),
              TaskOptions.DEFAULT.withName("worker").withEagerStart(true));
      println(task.done()); // it ran inside createTask, since it never suspends
      println(task.result());
      // endregion options
    });
    assertPrinted("true", "worker");
  }

  @Test
  void futures() {
    inVirtualTime(() -> {
      // region future
      Future<String> answer = getRunningLoop().createFuture();
      getRunningLoop().callLater(ofMillis(50), () -> answer.setResult("late"));
      answer.addDoneCallback(done -> println("callback: " + done.result()));
      println("task: " + answer.await());
      // endregion future
      assertThat(millis()).isEqualTo(50);
    });
    assertPrinted("callback: late", "task: late");
  }

  @Test
  void yielding() {
    inVirtualTime(() -> {
      // region yield
      createTask(() -> println("other"));
      for (int step = 1; step <= 2; step++) {
        println("step " + step);
        sleep(Duration.ZERO); // one iteration for the others
      }
      // endregion yield
    });
    assertPrinted("step 1", "other", "step 2");
  }
}
