package dev.aioli;

import static dev.aioli.Asyncio.asCompleted;
import static dev.aioli.Asyncio.await;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.shield;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.taskGroup;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.settle;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tasks that wait for each other in a circle, through the combinators: found by the await that
 * closes it, whichever that is. In virtual time a circle that is not found is a deadlock, which
 * fails.
 */
class AwaitCycleTest {
  /** A way to wait for a task without a limit. */
  private interface Wait {
    void on(Task<?> task);
  }

  private static <T> List<T> list(T item) {
    return List.of(item);
  }

  static Stream<Named<Wait>> waits() {
    return Stream.of(
        Named.of("await", Future::await),
        Named.of("gather", task -> Asyncio.gather(list(task))),
        Named.of("shield", task -> shield(task).await()),
        Named.of("shield of a shield", task -> shield(shield(task)).await()),
        Named.of("await of several", task -> await(list(task))),
        Named.of("await of the first", task -> await(list(task), null, ReturnWhen.FIRST_COMPLETED)),
        Named.of(
            "await of the first error",
            task -> await(list(task), null, ReturnWhen.FIRST_EXCEPTION)),
        Named.of("as completed", AwaitCycleTest::nextCompleted),
        Named.of("group", AwaitCycleTest::inGroup));
  }

  private static <T> void nextCompleted(Task<T> task) {
    asCompleted(List.of(task)).iterator().next();
  }

  private static void inGroup(Task<?> task) {
    taskGroup(group -> {
      group.createTask(() -> task.await(), "in group");
    });
  }

  @ParameterizedTest
  @MethodSource("waits")
  void isFoundWhenItIsClosedByAnAwait(Wait wait) {
    VirtualTime.run(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      tasks.add(createTask(() -> wait.on(tasks.get(1)), "first"));
      tasks.add(
          createTask(
              () -> {
                ticks(5);
                tasks.get(0).await();
              },
              "second"));
      Task<?> second = tasks.get(1);
      settle(second);
      assertThatThrownBy(second::result)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("these tasks would wait for each other for ever: second -> first")
          .hasMessageEndingWith(" -> second");
      settle(tasks.get(0)); // and then it goes on
    });
  }

  @ParameterizedTest
  @MethodSource("waits")
  void isFoundWhenItIsClosedThroughACombinator(Wait wait) {
    VirtualTime.run(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      tasks.add(createTask(() -> tasks.get(1).await(), "first"));
      tasks.add(
          createTask(
              () -> {
                ticks(5);
                wait.on(tasks.get(0));
              },
              "second"));
      settle(tasks.get(1), tasks.get(0));
      assertThat(tasks.get(1).exception())
          .isNotNull()
          .satisfiesAnyOf(
              e -> assertThat(e).hasMessageContaining("wait for each other for ever: second"),
              // in a group it is the child that closes it
              e ->
                  assertThat(((ExceptionGroup) e).exceptions())
                      .singleElement()
                      .satisfies(child ->
                          assertThat(child)
                              .hasMessageContaining("wait for each other for ever: in group")));
    });
  }

  @Test
  void childThatAwaitsItsParentAtTheEndOfTheGroupIsRefused() {
    VirtualTime.run(() -> {
      List<Throwable> refused = new ArrayList<>();
      Task<?> parent =
          createTask(
              () -> {
                Task<?> self = Steps.current();
                taskGroup(group -> {
                  group.createTask(
                      () -> {
                        ticks(3); // until the parent is at the end of its group
                        try {
                          self.await();
                        } catch (IllegalStateException e) {
                          refused.add(e);
                        }
                      },
                      "child");
                });
              },
              "parent");
      settle(parent);
      assertThat(parent.exception()).isNull();
      assertThat(refused)
          .singleElement()
          .satisfies(e -> assertThat(e).hasMessageEndingWith("child -> parent -> child"));
    });
  }

  @Test
  void groupFailsAtItsEndIfAChildAwaitsTheParentAndItsSiblingsAreCancelled() {
    VirtualTime.run(() -> {
      List<Task<?>> children = new ArrayList<>();
      Task<?> parent =
          createTask(
              () -> {
                Task<?> self = Steps.current();
                taskGroup(group -> {
                  children.add(group.createTask(() -> self.await(), "child"));
                  children.add(group.createTask(() -> sleep(Duration.ofDays(1)), "sibling"));
                  ticks(3); // until the child waits
                });
              },
              "parent");
      EventLoop.getRunningLoop().setExceptionHandler((_, _) -> {}); // the child's error comes late
      settle(parent);
      assertThat(parent.exception())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageEndingWith("parent -> child -> parent");
      settle(children.get(0), children.get(1));
      assertThat(children.get(0).exception()).isSameAs(parent.exception());
      assertThat(children.get(1).cancelled()).isTrue();
    });
  }

  @Test
  void waitThatMayEndForAnotherReasonIsNoCircle() {
    VirtualTime.run(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      Task<?> other = createTask(() -> sleep(ms(10)));
      tasks.add(
          createTask(() -> await(List.of(tasks.get(1), other), null, ReturnWhen.FIRST_COMPLETED)));
      tasks.add(createTask(() -> tasks.get(0).await()));
      settle(tasks.get(0), tasks.get(1));
      assertThat(tasks).allMatch(task -> task.exception() == null);
    });
  }

  @Test
  void waitWithALimitIsNoCircle() {
    VirtualTime.run(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      tasks.add(createTask(() -> await(List.of(tasks.get(1)), ms(10), ReturnWhen.ALL_COMPLETED)));
      tasks.add(createTask(() -> tasks.get(0).await()));
      settle(tasks.get(0), tasks.get(1));
      assertThat(tasks).allMatch(task -> task.exception() == null);
    });
  }

  @Test
  void firstOfSeveralThatAllWaitForTheCallerIsACircle() {
    VirtualTime.run(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      tasks.add(createTask(() -> tasks.get(2).await(), "first"));
      tasks.add(createTask(() -> shield(tasks.get(2)).await(), "second"));
      tasks.add(
          createTask(
              () -> {
                tick();
                await(tasks.subList(0, 2), null, ReturnWhen.FIRST_COMPLETED);
              },
              "third"));
      settle(tasks.toArray(Task<?>[]::new));
      assertThat(tasks.get(2).exception()).hasMessageEndingWith(": third -> second -> third");
    });
  }

  @Test
  void circleIsToldInFullThoughItsWaysMeet() {
    VirtualTime.run(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      tasks.add(createTask(() -> tasks.get(3).await(), "shared"));
      tasks.add(createTask(() -> shield(tasks.get(0)).await(), "first"));
      tasks.add(createTask(() -> shield(tasks.get(0)).await(), "second"));
      tasks.add(
          createTask(
              () -> {
                tick();
                await(tasks.subList(1, 3), null, ReturnWhen.FIRST_COMPLETED);
              },
              "last"));
      settle(tasks.toArray(Task<?>[]::new));
      assertThat(tasks.get(3).exception())
          .hasMessageEndingWith(": last -> second -> shared -> last");
    });
  }

  @Test
  void manyWhoShareWhatTheyWaitForAreNoCircle() {
    VirtualTime.run(() -> {
      Task<?> shared = createTask(() -> sleep(ms(10)), "shared");
      List<Task<?>> layer = List.of(shared);
      for (int i = 0; i < 30; i++) { // 2^30 ways through these layers
        List<Task<?>> below = layer;
        layer = List.of(createTask(() -> Asyncio.gather(below)), createTask(() -> await(below)));
        tick();
      }
      await(layer);
      assertThat(layer).allMatch(task -> task.exception() == null);
    });
  }

  @Test
  void tasksThatShareTheResultsOfAsCompletedGetOneEach() {
    VirtualTime.run(() -> {
      List<Task<Integer>> sources =
          List.of(
              createTask(() -> {
                sleep(ms(10));
                return 1;
              }),
              createTask(() -> {
                sleep(ms(20));
                return 2;
              }),
              createTask(() -> {
                sleep(ms(30));
                return 3;
              }));
      AsCompleted<Integer> completed = asCompleted(sources);
      List<Task<Integer>> takers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        takers.add(createTask(() -> completed.results().iterator().next()));
      }
      assertThat(Asyncio.gather(takers)).containsExactlyInAnyOrder(1, 2, 3);
    });
  }

  @Test
  void takerOfAsCompletedThatIsCancelledLeavesTheResultToTheNext() {
    VirtualTime.run(() -> {
      Future<Integer> source = EventLoop.getRunningLoop().createFuture();
      Future<Integer> other = EventLoop.getRunningLoop().createFuture();
      AsCompleted<Integer> completed = asCompleted(List.of(source, other));
      Task<Integer> first = createTask(() -> completed.results().iterator().next());
      Task<Integer> second = createTask(() -> completed.results().iterator().next());
      ticks(3);
      source.setResult(1);
      tick(); // the first is woken
      first.cancel();
      assertCancelled(first);
      assertThat(second.await()).isEqualTo(1);
    });
  }

  // ---- what a refused await leaves

  /** What is reported when the await that closes a circle is refused, and both tasks fail then. */
  private static List<String> reportsAfterARefusal(Wait closing) {
    List<String> reports = new ArrayList<>();
    VirtualTime.run(() -> {
      EventLoop.getRunningLoop()
          .setExceptionHandler((_, context) -> reports.add(context.message()));
      List<Task<?>> tasks = new ArrayList<>();
      tasks.add(
          createTask(() -> {
            tasks.get(1).await(); // fails as the second does
          }));
      tasks.add(
          createTask(() -> {
            ticks(5);
            closing.on(tasks.get(0));
          }));
      ticks(10);
      assertThat(tasks.get(1).exception()).hasMessageContaining("wait for each other for ever");
      assertThat(tasks.get(0).exception()).isSameAs(tasks.get(1).exception());
      ticks(10);
    });
    return reports;
  }

  static Stream<Named<Wait>> waitsOfOneTask() {
    return waits().filter(wait -> !wait.getName().equals("group"));
  }

  @ParameterizedTest
  @MethodSource("waitsOfOneTask")
  void refusedAwaitLeavesNothingThatIsReported(Wait wait) {
    assertThat(reportsAfterARefusal(wait)).isEmpty();
  }

  @Test
  void taskWhoseAwaitWasRefusedIsStillReportedWhenNobodyLooks() {
    List<String> reports = new ArrayList<>();
    VirtualTime.run(() -> {
      EventLoop.getRunningLoop()
          .setExceptionHandler((_, context) -> reports.add(context.message()));
      List<Task<?>> tasks = new ArrayList<>();
      tasks.add(
          createTask(() -> {
            tasks.get(1).await();
            throw new IllegalArgumentException("of its own");
          }));
      tasks.add(
          createTask(() -> {
            ticks(5);
            assertThatThrownBy(() -> tasks.get(0).await())
                .hasMessageContaining("wait for each other for ever");
          }));
      ticks(10);
    });
    assertThat(reports).containsExactly("Task exception was never retrieved");
  }

  /** Gathers in its class initialiser, where nothing can wait. */
  private static final class GathersWhileInitialised {
    static final String OUTCOME = gather();

    private static String gather() {
      try {
        Asyncio.gather(list(failing));
        return "waited";
      } catch (IllegalStateException e) {
        return "refused";
      } catch (IllegalArgumentException e) {
        return "waited";
      }
    }
  }

  private static Task<?> failing;

  @Test
  void awaitThatIsRefusedInAClassInitialiserLeavesNothingThatIsReportedEither() {
    List<String> reports = new ArrayList<>();
    VirtualTime.run(() -> {
      EventLoop.getRunningLoop()
          .setExceptionHandler((_, context) -> reports.add(context.message()));
      failing =
          createTask(() -> {
            throw new IllegalArgumentException("later");
          });
      assertThat(GathersWhileInitialised.OUTCOME)
          .isEqualTo(Engine.byDefault() == Engine.HAND_OVER ? "waited" : "refused");
      ticks(10);
    });
    assertThat(reports).isEmpty();
  }
}
