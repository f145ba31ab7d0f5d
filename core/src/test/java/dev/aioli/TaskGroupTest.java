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
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Start.class)
class TaskGroupTest {
  @Parameter Start start;
  private final List<String> log = new ArrayList<>();

  private static void fail(String message) {
    throw new IllegalArgumentException(message);
  }

  private static void exit() {
    throw new SystemExit(3);
  }

  private void sleeper(String name) {
    try {
      sleep(ms(1_000));
    } catch (CancelledError e) {
      log.add(name + " cancelled");
      throw e;
    }
  }

  private static List<String> messages(ExceptionGroup group) {
    return group.exceptions().stream().map(Throwable::getMessage).toList();
  }

  @Test
  void exitWaitsForAllChildrenAndTheChildrenOfChildren() {
    start.run(() -> {
      taskGroup(group -> {
        group.createTask(() -> {
          tick();
          group.createTask(() -> {
            sleep(ms(10));
            log.add("grandchild");
          });
          log.add("child");
        });
      });
      assertThat(log).containsExactly("child", "grandchild");
    });
  }

  @Test
  void givesTheResultOfTheBlock() {
    start.run(() -> {
      Integer sum =
          taskGroup(group -> {
            Task<Integer> one = group.createTask(() -> 1);
            Task<Integer> two = group.createTask(() -> 2, "two");
            return one.await() + two.await();
          });
      assertThat(sum).isEqualTo(3);
    });
  }

  @Test
  void childrenCanBeNamed() {
    start.run(() ->
        taskGroup(group -> {
          assertThat(group.createTask(Steps::tick, "first").getName()).isEqualTo("first");
          TaskOptions named = TaskOptions.DEFAULT.withName("second");
          assertThat(group.createTask(() -> 2, named).getName()).isEqualTo("second");
        }));
  }

  @Test
  void failedChildCancelsItsSiblingsAndTheBlock() {
    start.run(() -> {
      ExceptionGroup errors =
          catchThrowableOfType(
              ExceptionGroup.class,
              () ->
                  taskGroup(group -> {
                    group.createTask(() -> sleeper("sibling"));
                    group.createTask(() -> {
                      tick();
                      fail("child");
                    });
                    sleeper("block");
                  }));
      assertThat(messages(errors)).containsExactly("child");
      assertThat(errors).hasMessage("unhandled errors in a TaskGroup (1 exception)");
      assertThat(log).containsExactlyInAnyOrder("sibling cancelled", "block cancelled");
      assertThat(current().cancelling()).isZero();
    });
  }

  @Test
  void errorsComeOutInOrderOfCompletionThoseOfCleanUpIncluded() {
    start.run(() -> {
      ExceptionGroup errors =
          catchThrowableOfType(
              ExceptionGroup.class,
              () ->
                  taskGroup(group -> {
                    group.createTask(() -> {
                      try {
                        sleep(ms(1_000));
                      } finally {
                        fail("clean-up");
                      }
                    });
                    group.createTask(() -> {
                      tick();
                      fail("first");
                    });
                  }));
      assertThat(messages(errors)).containsExactly("first", "clean-up");
    });
  }

  @Test
  void errorOfTheBlockIsOneOfTheGroup() {
    start.run(() -> {
      ExceptionGroup errors =
          catchThrowableOfType(
              ExceptionGroup.class,
              () ->
                  taskGroup(group -> {
                    group.createTask(() -> sleeper("child"));
                    tick();
                    fail("block");
                  }));
      assertThat(messages(errors)).containsExactly("block");
      assertThat(log).containsExactly("child cancelled");
    });
  }

  @Test // softwaremill/ox#164
  void blockAndChildMayFailInTheSameTick() {
    start.run(() -> {
      ExceptionGroup errors =
          catchThrowableOfType(
              ExceptionGroup.class,
              () ->
                  taskGroup(group -> {
                    Future<Void> go = Asyncio.getRunningLoop().createFuture();
                    group.createTask(() -> {
                      go.await();
                      fail("child");
                    });
                    tick();
                    go.setResult(null);
                    tick();
                    fail("block");
                  }));
      assertThat(messages(errors)).containsExactlyInAnyOrder("block", "child");
      assertThat(current().cancelling()).isZero();
    });
  }

  @Test
  void childCancelledOnItsOwnEndsQuietly() {
    start.run(() -> {
      taskGroup(group -> {
        Task<?> child = group.createTask(() -> sleeper("child"));
        group.createTask(() -> log.add("sibling"));
        tick();
        child.cancel();
      });
      assertThat(log).containsExactlyInAnyOrder("child cancelled", "sibling");
    });
  }

  @Test
  void outsideCancelCancelsTheChildrenAndPropagates() {
    start.run(() -> {
      Task<?> parent =
          createTask(() ->
              taskGroup(group -> {
                group.createTask(() -> {
                  try {
                    sleep(ms(1_000));
                  } finally {
                    sleep(ms(10));
                    log.add("cleaned up");
                  }
                });
              }));
      ticks(3);
      parent.cancel("from outside");
      assertThatThrownBy(parent::await)
          .isInstanceOf(CancelledError.class)
          .hasMessage("from outside");
      assertThat(log).containsExactly("cleaned up");
    });
  }

  @Test
  void outsideCancelDuringTheBlockPropagates() {
    start.run(() -> {
      Task<?> parent =
          createTask(() ->
              taskGroup(group -> {
                group.createTask(() -> sleeper("child"));
                sleeper("block");
              }));
      ticks(3);
      parent.cancel();
      assertCancelled(parent);
      assertThat(log).containsExactlyInAnyOrder("block cancelled", "child cancelled");
    });
  }

  @Test // python/cpython#116720, agronholm/anyio#37
  void outsideCancelBesideAFailureStrikesAgainAfterTheGroup() {
    start.run(() -> {
      Task<?> parent =
          createTask(() -> {
            assertThatThrownBy(() ->
                    taskGroup(group -> {
                      group.createTask(() -> {
                        try {
                          sleep(ms(1_000));
                        } finally {
                          fail("child");
                        }
                      });
                      sleep(ms(1_000));
                    }))
                .isInstanceOf(ExceptionGroup.class);
            assertThat(current().cancelling()).isOne();
            log.add("before the next suspension");
            tick();
            log.add("not reached");
          });
      ticks(3);
      parent.cancel();
      assertCancelled(parent);
      assertThat(log).containsExactly("before the next suspension");
    });
  }

  @Test // as test_taskgroup_problem of 116720 in CPython's test_taskgroups
  void failureOfAnInnerGroupDoesNotHideTheCancelOfTheOuterOne() {
    start.run(() -> {
      ExceptionGroup errors =
          catchThrowableOfType(
              ExceptionGroup.class,
              () ->
                  taskGroup(outer -> {
                    outer.createTask(() -> {
                      tick();
                      fail("outer");
                    });
                    try {
                      taskGroup(inner -> {
                        inner.createTask(() -> {
                          try {
                            sleep(ms(1_000));
                          } finally {
                            fail("inner");
                          }
                        });
                      });
                    } catch (ExceptionGroup e) {
                      log.add("inner: " + messages(e));
                    }
                    sleep(ms(1_000));
                    log.add("not reached");
                  }));
      assertThat(messages(errors)).containsExactly("outer");
      assertThat(log).containsExactly("inner: [inner]");
      assertThat(current().cancelling()).isZero();
    });
  }

  @Test // python/cpython#95289, agronholm/anyio#716, #790
  void cancelCounterIsTheSameAfterwardsHoweverTheGroupEnds() {
    start.run(() -> {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() ->
                taskGroup(group -> {
                  group.createTask(() -> fail("child"));
                  sleeper("block");
                }))
            .isInstanceOf(ExceptionGroup.class);
        assertThat(current().cancelling()).isZero();
        tick(); // and no stray cancellation is left
      }
    });
  }

  @Test
  void finishedGroupTakesNoTask() {
    start.run(() -> {
      List<TaskGroup> groups = new ArrayList<>();
      taskGroup(group -> {
        groups.add(group);
        group.createTask(Steps::tick);
      });
      assertThatThrownBy(() -> groups.getFirst().createTask(() -> log.add("ran")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("the task group is finished: TaskGroup[tasks=0, errors=0");
      groups.getFirst().cancel(); // does nothing
      tick();
      assertThat(log).isEmpty();
    });
  }

  @Test
  void groupThatShutsDownTakesNoTask() {
    start.run(() -> {
      assertThatThrownBy(() ->
              taskGroup(group -> {
                group.createTask(() -> {
                  try {
                    sleep(ms(1_000));
                  } finally {
                    assertThatThrownBy(() -> group.createTask(() -> log.add("ran")))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith("the task group is shutting down: TaskGroup[")
                        .hasMessageEndingWith("cancelling]");
                  }
                });
                tick();
                fail("block");
              }))
          .isInstanceOf(ExceptionGroup.class);
      assertThat(log).isEmpty();
    });
  }

  @Test
  void errorThatEndsTheLoopIsNotGrouped() {
    assertThatThrownBy(() ->
            start.run(() ->
                taskGroup(group -> {
                  group.createTask(() -> sleeper("child"));
                  tick();
                  exit();
                })))
        .isInstanceOf(SystemExit.class);
    assertThat(log).containsExactly("child cancelled");
  }

  @Test
  void childsErrorThatEndsTheLoopIsNotGrouped() {
    List<Throwable> seen = new ArrayList<>();
    assertThatThrownBy(() ->
            start.run(() -> {
              try {
                taskGroup(group -> {
                  group.createTask(() -> {
                    tick();
                    throw new KeyboardInterrupt();
                  });
                  group.createTask(() -> {
                    tick();
                    fail("beside it");
                  });
                });
              } catch (Throwable e) {
                seen.add(e);
                throw e;
              }
            }))
        .isInstanceOf(KeyboardInterrupt.class);
    assertThat(seen).hasSize(1).first().isInstanceOf(KeyboardInterrupt.class);
  }

  @Test
  void checkedExceptionOfTheBlockIsGroupedToo() {
    start.run(() ->
        assertThatThrownBy(() ->
                Asyncio.<Void, Exception>taskGroup((TaskGroup group) -> {
                  throw new java.io.IOException("checked");
                }))
            .isInstanceOf(ExceptionGroup.class)
            .hasCauseInstanceOf(java.io.IOException.class));
  }

  @Test
  void isForTasksOnly() {
    start.run(() -> {
      Asyncio.getRunningLoop()
          .callSoon(() -> {
            try {
              taskGroup(group -> {});
            } catch (IllegalStateException e) {
              log.add(e.getMessage());
            }
          });
      tick();
      assertThat(log).containsExactly("a task group is for use inside a task, not in a callback");
    });
  }

  @Test
  void refusesAForeignThread() {
    start.run(() ->
        taskGroup(group -> {
          Throwable[] thrown = new Throwable[1];
          Thread thread =
              Thread.ofPlatform()
                  .start(() -> {
                    try {
                      group.cancel();
                    } catch (IllegalStateException e) {
                      thrown[0] = e;
                    }
                  });
          thread.join();
          assertThat(thrown[0]).hasMessageContaining("expected the turn of EventLoop[");
        }));
  }

  @Test // python/cpython#128588
  void childThatFailsAtOnceLeaksNoCancel() {
    start.run(() -> {
      assertThatThrownBy(() ->
              taskGroup(group -> {
                group.createTask(() -> fail("at once"));
              }))
          .isInstanceOf(ExceptionGroup.class);
      assertThat(current().cancelling()).isZero();
      tick();
    });
  }

  @Test // python/cpython#128550
  void childThatMakesTheGroupFailBeforeItSuspendsIsCancelledItself() {
    start.run(() -> {
      ExceptionGroup errors =
          catchThrowableOfType(
              ExceptionGroup.class,
              () ->
                  taskGroup(group -> {
                    group.createTask(() -> {
                      group.createTask(
                          Asyncio.callable(() -> fail("grandchild")),
                          TaskOptions.DEFAULT.withEagerStart(true));
                      sleeper("child");
                    });
                  }));
      assertThat(messages(errors)).containsExactly("grandchild");
      assertThat(log).containsExactly("child cancelled");
    });
  }

  // ---- what a lambda may look like; that these compile is half of the test

  private String add(TaskGroup group) {
    group.createTask(() -> sleeper("child"));
    group.cancel();
    return "added";
  }

  @Test
  void expressionIsTheResultOfTheBlock() {
    String result = VirtualTime.run(() -> taskGroup(group -> add(group)));
    assertThat(result).isEqualTo("added");
    assertThat(log).isEmpty(); // cancelled before its first step
  }

  @Test
  void expressionThatNobodyUsesIsABlockToo() {
    VirtualTime.run(() -> {
      taskGroup(group -> group.createTask(() -> log.add("child")));
      taskGroup((TaskGroup group) -> group.cancel());
    });
    assertThat(log).containsExactly("child");
  }

  @Test
  void blockThatOnlyThrowsIsABlock() {
    VirtualTime.run(() ->
        assertThatThrownBy(() ->
                taskGroup(group -> {
                  throw new IllegalArgumentException("at once");
                }))
            .isInstanceOf(ExceptionGroup.class)
            .satisfies(e -> assertThat(messages((ExceptionGroup) e)).containsExactly("at once")));
  }

  @Test
  void blockWithAResultDoesWhereNoneIsWanted() throws Exception {
    Block.In<String, Integer, Exception> length = String::length;
    Block.ActionIn<String, Exception> action = length;
    action.accept("text");
    assertThat(length.run("text")).isEqualTo(4);
  }
}
