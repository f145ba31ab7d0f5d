package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnseenFailuresTest {
  private static final ContextVar<String> USER = new ContextVar<>("user");

  private final List<String> reports = new ArrayList<>();

  /** Runs a body and returns what was reported by the end. */
  private List<String> reportsOf(ThrowingRunnable body) {
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop()
          .setExceptionHandler((loop, context) -> reports.add(context.message()));
      body.run();
    });
    return reports;
  }

  private static Task<String> failing() {
    return Asyncio.createTask(() -> {
      throw new IllegalArgumentException("boom");
    });
  }

  private static void settle() {
    Asyncio.sleep(Duration.ofMillis(1));
  }

  @Test
  void failedTaskThatNobodyLooksAtIsReportedWhenTheLoopCloses() {
    assertThat(
            reportsOf(() -> {
              failing();
              settle();
            }))
        .containsExactly("Task exception was never retrieved");
  }

  @Test
  void failedFutureIsReportedOnce() {
    assertThat(
            reportsOf(() -> {
              Future<String> future = Asyncio.getRunningLoop().createFuture();
              future.setException(new IllegalArgumentException("boom"));
            }))
        .containsExactly("Future exception was never retrieved");
  }

  @Test
  void lookingAtTheExceptionInAnyWayIsEnough() {
    assertThat(
            reportsOf(() -> {
              Task<String> awaited = failing();
              Task<String> asked = failing();
              Task<String> gathered = failing();
              Task<String> gatheredToo = failing();
              assertThatThrownBy(awaited::await).hasMessage("boom");
              assertThat(asked.exception()).hasMessage("boom");
              assertThatThrownBy(() -> Asyncio.gather(gathered, gatheredToo)).hasMessage("boom");
              settle();
            }))
        .isEmpty();
  }

  @Test
  void failedTaskIsReportedWhenItIsGarbage() {
    List<String> whileRunning = new ArrayList<>();
    Asyncio.run(() -> {
      Asyncio.getRunningLoop()
          .setExceptionHandler((loop, context) -> reports.add(context.message()));
      failing();
      while (reports.isEmpty()) { // the garbage collector decides when; bounded by the test's limit
        System.gc();
        settle();
      }
      whileRunning.addAll(reports);
    });
    assertThat(whileRunning).containsExactly("Task exception was never retrieved");
    assertThat(reports).hasSize(1);
  }

  /** Runs a body and gives what is reported when the futures it left are garbage. */
  private static List<Report> reportsOfGarbage(boolean debug, int expected, ThrowingRunnable body) {
    List<Report> reports = new ArrayList<>();
    Asyncio.run(() -> {
      EventLoop loop = Asyncio.getRunningLoop();
      loop.setDebug(debug);
      loop.setExceptionHandler(
          (l, context) -> reports.add(new Report(context, USER.getOrDefault("nobody"))));
      Asyncio.createTask(body).await(); // so that no stack of this task holds what it made
      while (reports.size() < expected) { // the collector decides when
        System.gc();
        settle();
      }
    });
    return reports;
  }

  /** What the handler was told, and in whose context. */
  private record Report(ExceptionContext context, String user) {}

  @Test
  void reportOfAGarbageTaskTellsWhichItWasAndWhereInItsContext() {
    List<Report> reports =
        reportsOfGarbage(
            true,
            1,
            () -> {
              Asyncio.createTask(
                  () -> {
                    USER.set("ann");
                    throw new IllegalArgumentException("boom");
                  },
                  "lost");
              settle();
            });
    ExceptionContext context = reports.getFirst().context();
    assertThat(reports.getFirst().user()).isEqualTo("ann");
    assertThat(context.future()).isInstanceOf(Task.class).asString().contains("lost", "boom");
    assertThat(context.future().done()).isTrue();
    assertThat(context.future().exception()).isSameAs(context.exception());
    assertThat(context.source())
        .isNotNull()
        .satisfies(source ->
            assertThat(source.getStackTrace())
                .anyMatch(frame -> frame.getClassName().contains("UnseenFailuresTest")));
    assertThat(reports).hasSize(1);
  }

  @Test
  void reportOfAGarbageFutureTellsWhatItLookedLike() {
    List<Report> reports =
        reportsOfGarbage(
            false,
            1,
            () -> {
              Future<String> future = Asyncio.getRunningLoop().createFuture();
              future.setException(new IllegalArgumentException("boom"));
            });
    ExceptionContext context = reports.getFirst().context();
    assertThat(context.message()).isEqualTo("Future exception was never retrieved");
    assertThat(context.future()).isExactlyInstanceOf(Future.class).asString().contains("boom");
    assertThat(context.source()).isNull();
    assertThat(reports.getFirst().user()).isEqualTo("nobody");
  }

  @Test
  void reportAtTheEndOfTheLoopHasTheFutureItselfIfThatIsStillThere() {
    List<ExceptionContext> contexts = new ArrayList<>();
    Task<?>[] failed = new Task<?>[1];
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop().setExceptionHandler((loop, context) -> contexts.add(context));
      failed[0] = failing();
      settle();
    });
    assertThat(contexts).hasSize(1);
    assertThat(contexts.getFirst().future()).isSameAs(failed[0]);
  }

  /** Leaves two failures; prints what is logged of them. */
  static final class Forgets {
    public static void main(String[] args) {
      Asyncio.run(() -> {
        Asyncio.createTask(
            () -> {
              throw new IllegalArgumentException("boom");
            },
            "forgotten");
        settle();
      });
    }
  }

  @Test
  void logTellsWhichTaskItWas() throws Exception {
    assertThat(ChildJvm.run(Forgets.class).output())
        .containsOnlyOnce("exception was never retrieved")
        .contains("Task exception was never retrieved: Task[forgotten exception=");
  }

  @Test // as CPython: cancel() of what has failed is a look at it
  void cancelOfAFailedFutureOrTaskIsEnough() {
    assertThat(
            reportsOf(() -> {
              Future<String> future = Asyncio.getRunningLoop().createFuture();
              future.setException(new IllegalArgumentException("boom"));
              assertThat(future.cancel()).isFalse();
              Task<String> task = failing();
              settle();
              assertThat(task.cancel("late")).isFalse();
              assertThat(task.exception()).hasMessage("boom");
            }))
        .isEmpty();
  }

  @Test
  void cancelOfAllThatWasStartedLeavesNoReport() {
    assertThat(
            reportsOf(() -> {
              List<Task<?>> tasks = List.of(failing(), Asyncio.createTask(() -> 1), failing());
              settle();
              tasks.forEach(Task::cancel);
            }))
        .isEmpty();
  }

  @Test // as CPython's: its cancel() only passes the request on
  void cancelOfAGatheringFutureIsNoLookAtItsFailure() {
    assertThat(
            reportsOf(() -> {
              Future<?> gathered = Asyncio.gatherFuture(List.of(failing()));
              settle();
              assertThat(gathered.cancel()).isFalse();
            }))
        .containsExactly("GatheringFuture exception was never retrieved");
  }

  @Test // python/cpython#102572
  void errorThatEndsTheLoopIsNotReportedAsWell() {
    assertThatThrownBy(() ->
            reportsOf(() ->
                Asyncio.taskGroup(group -> {
                  group.createTask(() -> {
                    throw new SystemExit(3);
                  });
                })))
        .isInstanceOf(SystemExit.class);
    assertThat(reports).isEmpty();
  }

  @Test
  void errorThatEndsTheLoopInAnEagerTaskIsNotReportedAsWell() {
    assertThatThrownBy(() ->
            reportsOf(() ->
                Asyncio.createTask(
                    () -> {
                      throw new KeyboardInterrupt();
                    },
                    TaskOptions.DEFAULT.withEagerStart(true))))
        .isInstanceOf(KeyboardInterrupt.class);
    assertThat(reports).isEmpty();
  }

  @Test
  void sameErrorGivenToAFutureEndsNothingAndIsReported() {
    assertThat(
            reportsOf(() -> {
              Future<String> future = Asyncio.getRunningLoop().createFuture();
              future.setException(new SystemExit(3));
            }))
        .containsExactly("Future exception was never retrieved");
  }

  @Test
  void taskThatNobodyHoldsIsNotCollectedBeforeItIsDone() {
    List<String> events = new ArrayList<>();
    VirtualTime.run(() -> {
      Asyncio.createTask(() -> {
        Asyncio.getRunningLoop().createFuture(); // unrelated garbage
        Future<String> dropped = Asyncio.getRunningLoop().createFuture();
        Asyncio.getRunningLoop().callLater(Duration.ofMillis(5), () -> dropped.setResult("x"));
        dropped.await();
        events.add("done");
      });
      Asyncio.sleep(Duration.ofMillis(1));
      System.gc();
      Asyncio.sleep(Duration.ofMillis(10));
    });
    assertThat(events).containsExactly("done");
  }
}
