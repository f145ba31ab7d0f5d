package dev.aioli;

import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A thread whose task has ended may go on with the next one: nobody must be able to tell. */
class ThreadReuseTest {
  private static final TaskOptions EAGER = TaskOptions.DEFAULT.withEagerStart(true);

  private final List<String> events = new ArrayList<>();

  private Task<?> adds(String event) {
    return createTask(() -> {
      events.add(event);
    });
  }

  private static void yieldOnce() {
    sleep(Duration.ZERO);
  }

  @Test
  @EnabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "loop-scheduled",
      disabledReason = "the other engines make no use of it")
  void tasksThatDoNotWaitShareAThread() {
    Set<Thread> threads = Collections.newSetFromMap(new IdentityHashMap<>());
    run(() ->
        gather(
            IntStream.range(0, 1000)
                .mapToObj(i -> createTask(() -> threads.add(Thread.currentThread())))
                .toList()));
    assertThat(threads).hasSize(1);
  }

  @Test
  void tasksThatWaitAtTheSameTimeHaveTheirOwnStacks() {
    run(() -> {
      List<Task<Integer>> tasks = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        int number = i;
        tasks.add(
            createTask(() -> {
              for (int step = 0; step < number % 4; step++) {
                yieldOnce();
              }
              return number;
            }));
      }
      assertThat(gather(tasks)).isEqualTo(IntStream.range(0, 100).boxed().toList());
    });
  }

  @Test
  @EnabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "loop-scheduled|hand-over",
      disabledReason = "on bare all tasks share the thread-locals of the loop's thread")
  void nothingOfTheThreadGoesFromTaskToTask() {
    ThreadLocal<String> local = new ThreadLocal<>();
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    ClassLoader other = new ClassLoader(null) {};
    run(() ->
        gather(
            IntStream.range(0, 10)
                .mapToObj(i ->
                    createTask(() -> {
                      Thread thread = Thread.currentThread();
                      assertThat(local.get()).isNull();
                      assertThat(thread.getContextClassLoader()).isNotSameAs(other);
                      assertThat(thread.getName())
                          .isEqualTo(getRunningLoop().currentTask().getName());
                      local.set("of task " + i);
                      thread.setContextClassLoader(other);
                      thread.setName("changed");
                      return i;
                    }))
                .toList()));
    assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(before);
  }

  @Test
  @EnabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "loop-scheduled|hand-over",
      disabledReason = "on bare an interrupt of a task's thread is one of the loop")
  void interruptOfATaskThatEndsReachesNoOther() {
    List<Boolean> found = new ArrayList<>();
    run(() -> {
      Task<?> first = createTask(() -> Thread.currentThread().interrupt());
      Task<?> second = createTask(() -> found.add(Thread.currentThread().isInterrupted()));
      gather(List.of(first, second));
    });
    Thread.interrupted(); // on loop-scheduled it counts as one of the loop, too
    assertThat(found).containsExactly(false);
  }

  @Test
  void callbacksAndTasksKeepTheirOrder() {
    run(() -> {
      adds("task 1");
      adds("task 2");
      getRunningLoop().callSoon(() -> events.add("callback"));
      adds("task 3");
      Task<?> never = adds("never");
      adds("task 4");
      never.cancel();
      yieldOnce();
      assertThat(never.cancelled()).isTrue();
    });
    assertThat(events).containsExactly("task 1", "task 2", "callback", "task 3", "task 4");
  }

  @Test
  void tasksThatATaskCreatesWaitForTheNextIteration() {
    run(() -> {
      createTask(() -> {
        events.add("first");
        adds("of the first");
      });
      adds("second");
      getRunningLoop().callSoon(() -> getRunningLoop().callSoon(() -> events.add("callback")));
      yieldOnce();
      events.add("main");
      yieldOnce();
    });
    assertThat(events).containsExactly("first", "second", "main", "of the first", "callback");
  }

  @Test
  void taskOnAUsedThreadMayWaitBlockAndStartOthersEagerly() {
    run(() -> {
      Task<?> first = adds("first");
      Task<?> second =
          createTask(() -> {
            EventLoop loop = getRunningLoop();
            Task<?> self = loop.currentTask();
            Task<?> child =
                loop.createTask(
                    () -> {
                      events.add("child begins");
                      yieldOnce();
                      events.add("child ends");
                      return null;
                    },
                    EAGER);
            events.add("second");
            assertThat(loop.currentTask()).isSameAs(self);
            assertThat(blocking(() -> "blocked")).isEqualTo("blocked");
            child.await();
            events.add("second ends");
          });
      Task<?> third = adds("third");
      gather(List.of(first, second, third));
    });
    assertThat(events)
        .containsSubsequence("first", "child begins", "second", "child ends", "second ends")
        .contains("third")
        .hasSize(6);
  }

  @Test
  void whoCreatesAnEagerTaskGoesOnBeforeTheNextTask() {
    run(() -> {
      EventLoop loop = getRunningLoop();
      createTask(() -> {
        loop.createTask(() -> events.add("eager"), EAGER);
        events.add("creator");
      });
      adds("next");
      loop.callSoon(() -> {
        loop.createTask(() -> events.add("eager of a callback"), EAGER);
        events.add("callback");
      });
      adds("last");
      yieldOnce();
    });
    assertThat(events)
        .containsExactly("eager", "creator", "next", "eager of a callback", "callback", "last");
  }

  @Test
  void errorThatEndsTheLoopKeepsTheNextTaskFromRunning() {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      Task<?> first =
          loop.createTask(() -> {
            throw new SystemExit(3);
          });
      Task<?> second = loop.createTask(() -> events.add("second"));
      assertThatThrownBy(() -> loop.runUntilComplete(second)).isInstanceOf(SystemExit.class);
      assertThat(events).isEmpty();
      assertThat(first.exception()).isInstanceOf(SystemExit.class);
      loop.runUntilComplete(second);
      assertThat(events).containsExactly("second");
    }
  }

  @Test
  void scopedValueOfATaskIsUnknownToTheNext() {
    ScopedValue<String> scoped = ScopedValue.newInstance();
    run(() -> {
      Task<?> first = createTask(() -> ScopedValue.where(scoped, "x").run(() -> events.add("in")));
      Task<Boolean> second = createTask(scoped::isBound);
      gather(List.of(first, second));
      assertThat(second.result()).isFalse();
    });
  }
}
