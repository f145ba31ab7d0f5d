package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.taskGroup;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.current;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link TaskGroup#cancel}, as in CPython 3.15 (python/cpython#108951). */
@ParameterizedClass
@EnumSource(Start.class)
class TaskGroupCancelTest {
  @Parameter Start start;
  private final List<String> log = new ArrayList<>();

  private static void fail(String message) {
    throw new IllegalArgumentException(message);
  }

  private void sleeper(String name) {
    try {
      sleep(ms(1_000));
    } catch (CancelledError e) {
      log.add(name + " cancelled");
      throw e;
    }
  }

  @Test
  void endsChildrenAndBlockWithoutAnError() {
    start.run(() -> {
      Integer result =
          taskGroup(group -> {
            group.createTask(() -> sleeper("child"));
            tick();
            group.cancel();
            group.cancel();
            sleeper("block");
            return 1;
          });
      assertThat(result).isNull();
      assertThat(log).containsExactlyInAnyOrder("child cancelled", "block cancelled");
      assertThat(current().cancelling()).isZero();
      tick();
    });
  }

  @Test
  void blockThatDoesNotSuspendKeepsItsResult() {
    start.run(() -> {
      Integer result =
          taskGroup(group -> {
            group.createTask(() -> sleeper("child"));
            tick();
            group.cancel();
            return 1;
          });
      assertThat(result).isEqualTo(1);
      assertThat(log).containsExactly("child cancelled");
      assertThat(current().cancelling()).isZero();
      tick();
    });
  }

  @Test
  void worksFromAChildWhileTheGroupWaits() {
    start.run(() -> {
      taskGroup(group -> {
        group.createTask(() -> sleeper("other"));
        group.createTask(() -> {
          tick();
          group.cancel();
          log.add("child goes on until it suspends");
          tick();
          log.add("not reached");
        });
      });
      assertThat(log).containsExactly("child goes on until it suspends", "other cancelled");
      assertThat(current().cancelling()).isZero();
    });
  }

  @Test
  void refusesNewTasks() {
    start.run(() ->
        taskGroup(group -> {
          group.cancel();
          assertThatThrownBy(() -> group.createTask(() -> log.add("ran")))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("shutting down");
        }));
    assertThat(log).isEmpty();
  }

  @Test
  void errorsOfTasksStillComeOut() {
    start.run(() ->
        assertThatThrownBy(() ->
                taskGroup(group -> {
                  group.createTask(() -> {
                    try {
                      sleep(ms(1_000));
                    } finally {
                      fail("clean-up");
                    }
                  });
                  tick();
                  group.cancel();
                  sleeper("block");
                }))
            .isInstanceOf(ExceptionGroup.class)
            .hasCauseInstanceOf(IllegalArgumentException.class));
  }

  @Test // python/cpython#155433
  void outsideCancelInTheSameTickIsLetThrough() {
    start.run(() -> {
      TaskGroup[] groups = new TaskGroup[1];
      Task<?> parent =
          createTask(() -> {
            taskGroup(group -> {
              groups[0] = group;
              sleeper("block");
            });
            log.add("not reached");
          });
      ticks(2);
      groups[0].cancel();
      parent.cancel();
      assertCancelled(parent);
      assertThat(log).containsExactly("block cancelled");
    });
  }

  @Test // python/cpython#155433
  void outsideCancelBeforeItInTheSameTickIsLetThrough() {
    start.run(() -> {
      TaskGroup[] groups = new TaskGroup[1];
      Task<?> parent =
          createTask(() -> {
            taskGroup(group -> {
              groups[0] = group;
              group.createTask(() -> sleeper("child"));
            });
            log.add("not reached");
          });
      ticks(3);
      parent.cancel();
      groups[0].cancel();
      assertCancelled(parent);
      assertThat(log).containsExactly("child cancelled");
    });
  }

  @Test // python/cpython#155433
  void outsideCancelWhileTheChildrenCleanUpIsLetThrough() {
    start.run(() -> {
      TaskGroup[] groups = new TaskGroup[1];
      Task<?> parent =
          createTask(() -> {
            taskGroup(group -> {
              groups[0] = group;
              group.createTask(() -> {
                try {
                  sleep(ms(1_000));
                } finally {
                  sleep(ms(100));
                  log.add("cleaned up");
                }
              });
            });
            log.add("not reached");
          });
      ticks(3);
      groups[0].cancel();
      sleep(ms(10));
      parent.cancel("outside");
      assertThatThrownBy(parent::await).isInstanceOf(CancelledError.class);
      assertThat(log).containsExactly("cleaned up");
    });
  }

  @Test // python/cpython#155418
  void reachesAChildThatCallsItBeforeItSuspends() {
    start.run(() -> {
      taskGroup(group -> {
        group.createTask(() -> {
          group.cancel();
          sleeper("child");
        });
      });
      assertThat(log).containsExactly("child cancelled");
      assertThat(current().cancelling()).isZero();
    });
  }

  @Test
  void innerGroupsCancelLeavesTheOuterOneAlone() {
    start.run(() -> {
      taskGroup(outer -> {
        Task<?> other = outer.createTask(() -> sleep(ms(10)));
        taskGroup(inner -> {
          inner.createTask(() -> sleeper("inner child"));
          tick();
          inner.cancel();
          sleeper("inner block");
        });
        assertThat(other.done()).isFalse();
        log.add("outer goes on");
      });
      assertThat(log).hasSize(3).last().isEqualTo("outer goes on");
    });
  }
}
