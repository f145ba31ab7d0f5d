package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.currentTask;
import static dev.aioli.Steps.current;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class EagerTaskTest {
  private static final TaskOptions EAGER = TaskOptions.DEFAULT.withEagerStart(true);
  private final List<Object> log = new ArrayList<>();

  @Test
  void runsAtOnceUntilItSuspends() {
    VirtualTime.run(() -> {
      Task<String> task =
          createTask(
              () -> {
                log.add("first step");
                Steps.tick();
                log.add("second step");
                return "done";
              },
              EAGER);
      log.add("created");
      assertThat(task.await()).isEqualTo("done");
      assertThat(log).containsExactly("first step", "created", "second step");
    });
  }

  @Test // CPython 3.14
  void whoAsksForALateStartGetsItWhateverTheFactory() {
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop().setTaskFactory(TaskFactory.EAGER);
      TaskOptions late = TaskOptions.DEFAULT.withEagerStart(false);
      assertThat(createTask(() -> 1, late).done()).isFalse();
      assertThat(createTask(() -> 1, TaskOptions.DEFAULT.withName("unasked")).done()).isTrue();
      assertThat(createTask(() -> 1, EAGER).done()).isTrue();
    });
  }

  @Test
  void lateStartIsKeptByOtherOptionsAndByTaskGroups() {
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop().setTaskFactory(TaskFactory.EAGER);
      TaskOptions late =
          TaskOptions.DEFAULT.withEagerStart(false).withName("late").withContext(new Context());
      Asyncio.taskGroup(group -> {
        assertThat(group.createTask(() -> 1, late).done()).isFalse();
        assertThat(group.createTask(() -> 1).done()).isTrue();
      });
    });
  }

  @Test
  void withoutAFactoryTasksStartLate() {
    VirtualTime.run(() -> {
      assertThat(TaskOptions.DEFAULT.eagerStart()).isNull();
      assertThat(createTask(() -> 1).done()).isFalse();
      assertThat(createTask(() -> 1, EAGER.withEagerStart(false)).done()).isFalse();
    });
  }

  @Test
  void mayBeDoneWhenItIsReturned() {
    VirtualTime.run(() -> {
      assertThat(createTask(() -> 1, EAGER).result()).isEqualTo(1);
      assertThat(Asyncio.allTasks()).hasSize(1);
    });
  }

  @Test // python/cpython#105987
  void currentTaskIsRightBeforeInsideAndAfter() {
    VirtualTime.run(() -> {
      Task<?> outer = current();
      List<Task<?>> inside = new ArrayList<>();
      Task<?> inner =
          createTask(
              () -> {
                inside.add(current());
                inside.add(createTask(() -> inside.add(current()), EAGER));
                inside.add(current());
                return null;
              },
              EAGER);
      assertThat(current()).isSameAs(outer);
      assertThat(inside).hasSize(4);
      assertThat(inside.get(0)).isSameAs(inner);
      assertThat(inside.get(1)).isSameAs(inside.get(2)).isNotSameAs(inner);
      assertThat(inside.get(3)).isSameAs(inner);
    });
  }

  @Test
  void currentTaskIsRestoredForACallback() {
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop()
          .callSoon(() -> {
            Task<?> task =
                createTask(
                    () -> {
                      log.add(current());
                      return null;
                    },
                    EAGER);
            assertThat(log).containsExactly(task);
            assertThat(currentTask()).isNull();
            log.add("checked");
          });
      ticks(2);
    });
    assertThat(log).hasSize(2);
  }

  @Test // python/cpython#122332
  void finishedTaskHoldsNoBody() throws InterruptedException {
    VirtualTime.run(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      WeakReference<Object> eager = start(tasks, EAGER);
      WeakReference<Object> lazy = start(tasks, TaskOptions.DEFAULT);
      ticks(3);
      assertThat(tasks).allMatch(Task::done);
      assertCollected(eager);
      assertCollected(lazy);
    });
  }

  private static WeakReference<Object> start(List<Task<?>> tasks, TaskOptions options) {
    Object captured = new Object();
    Callable<Integer> body =
        () -> {
          Steps.tick();
          return captured.hashCode();
        };
    tasks.add(createTask(body, options));
    return new WeakReference<>(captured);
  }

  private static void assertCollected(WeakReference<Object> reference) throws InterruptedException {
    for (int i = 0; i < 50 && reference.get() != null; i++) {
      System.gc();
      Thread.onSpinWait();
    }
    assertThat(reference.get()).isNull();
  }

  @Test // python/cpython#91887, #88831
  void taskThatNobodyHoldsSurvivesTheGarbageCollector() {
    VirtualTime.run(() -> {
      createTask(() -> {
        new dev.aioli.sync.Event();
        Asyncio.sleep(Steps.ms(10));
        log.add("completed");
      });
      ticks(2);
      System.gc();
      Asyncio.sleep(Steps.ms(20));
      assertThat(log).containsExactly("completed");
    });
  }
}
