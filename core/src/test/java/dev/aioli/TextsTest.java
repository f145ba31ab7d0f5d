package dev.aioli;

import static dev.aioli.Asyncio.allTasks;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Steps.tick;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A toString comes to an end and throws nothing, whatever the user's own do. */
class TextsTest {
  private static final class Failing implements Runnable {
    @Override
    public String toString() {
      throw new IllegalStateException("cannot be shown");
    }

    @Override
    public void run() {
      throw new IllegalArgumentException("boom");
    }
  }

  @Test // bpo-42183
  void taskThatIsPartOfItsOwnResultIsShown() {
    VirtualTime.run(() -> {
      Task<?> task = createTask((Callable<List<Task<?>>>) Asyncio::allTasks);
      task.await();
      assertThat(task).asString().startsWith("Task[Task-2 result=[").contains("...");
      assertThat(allTasks()).hasSize(1);
    });
  }

  @Test
  void futureThatIsPartOfItsOwnResultIsShown() {
    VirtualTime.run(() -> {
      Future<List<Object>> future = getRunningLoop().createFuture();
      future.setResult(List.of("other", future));
      assertThat(future).hasToString("Future[result=[other, Future[result=...]]]");
    });
  }

  @Test
  void futuresThatAreEachOthersResultAreShown() {
    VirtualTime.run(() -> {
      Future<Object> one = getRunningLoop().createFuture();
      Future<Object> other = getRunningLoop().createFuture();
      one.setResult(other);
      other.setResult(one);
      assertThat(one).hasToString("Future[result=Future[result=Future[result=...]]]");
    });
  }

  @Test
  void longChainOfResultsIsCutShort() {
    VirtualTime.run(() -> {
      Object last = "end";
      for (int i = 0; i < 100_000; i++) {
        Future<Object> future = getRunningLoop().createFuture();
        future.setResult(last);
        last = future;
      }
      assertThat(last.toString()).endsWith("Future[result=...]]]]]]]]]]]").hasSizeLessThan(300);
    });
  }

  @Test
  void failureWithTheFutureInItIsShown() {
    VirtualTime.run(() -> {
      Future<Object> future = getRunningLoop().createFuture();
      future.setException(
          new IllegalStateException() {
            @Override
            public String toString() {
              return "failure of " + future;
            }
          });
      assertThat(future).hasToString("Future[exception=failure of Future[exception=...]]");
      assertThat(future.exception()).isNotNull();
    });
  }

  @Test
  void callbackThatShowsItsHandleIsShown() {
    VirtualTime.run(() -> {
      List<Handle> handles = new ArrayList<>();
      handles.add(
          getRunningLoop()
              .callLater(
                  Duration.ofDays(1),
                  new Runnable() {
                    @Override
                    public void run() {}

                    @Override
                    public String toString() {
                      return "callback of " + handles;
                    }
                  }));
      assertThat(handles.getFirst()).hasToString("TimerHandle[callback of [TimerHandle[...]]]");
    });
  }

  @Test
  void contextThatIsAValueInItselfIsShown() {
    ContextVar<Object> variable = new ContextVar<>("variable");
    Context context = new Context();
    context.run(() -> variable.set(context));
    assertThat(context).asString().startsWith("Context{").contains("...");
  }

  @Test
  void resultThatCannotBeShownIsSaidToBeSo() {
    VirtualTime.run(() -> {
      Future<Object> future = getRunningLoop().createFuture();
      future.setResult(new Failing());
      assertThat(future)
          .hasToString(
              "Future[result=dev.aioli.TextsTest$Failing whose toString() fails with"
                  + " java.lang.IllegalStateException]");
    });
  }

  @Test
  void callbackThatFailsAndCannotBeShownEndsNoLoop() {
    List<String> reports = new ArrayList<>();
    VirtualTime.run(() -> {
      getRunningLoop().setExceptionHandler((loop, context) -> reports.add(context.message()));
      getRunningLoop().callSoon(new Failing());
      tick();
      tick();
    });
    assertThat(reports).hasSize(1).first().asString().contains("whose toString() fails with");
  }

  /** Fails to be shown as a class does that cannot be loaded. */
  private record Broken(Error error) implements Runnable {
    @Override
    public String toString() {
      throw error;
    }

    @Override
    public void run() {
      throw new IllegalArgumentException("boom");
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {AssertionError.class, NoClassDefFoundError.class, OutOfMemoryError.class})
  void callbackThatFailsAndCannotBeShownForAnErrorEndsNoLoop(Class<? extends Error> kind)
      throws Exception {
    Broken broken = new Broken(kind.getConstructor().newInstance());
    List<String> reports = new ArrayList<>();
    VirtualTime.run(() -> {
      getRunningLoop().setExceptionHandler((loop, context) -> reports.add(context.message()));
      Handle handle = getRunningLoop().callSoon(broken);
      assertThat(handle).asString().contains("whose toString() fails with " + kind.getName());
      tick();
      tick();
    });
    assertThat(reports).hasSize(1).first().asString().contains(kind.getName());
  }

  /** An exception that a logger cannot print. */
  private static final class Unprintable extends RuntimeException {
    @Override
    public String getMessage() {
      throw new AssertionError("cannot be printed");
    }
  }

  /** Each in turn fails in a way that cannot be printed, and the loop goes on. */
  private static final class Unprintables {
    static void main() {
      VirtualTime.run(() -> {
        EventLoop loop = getRunningLoop();
        loop.callSoon(Unprintables::fail);
        loop.createFuture().setException(new Unprintable());
        tick();
        loop.setExceptionHandler((given, context) -> fail());
        loop.callSoon(new Failing());
        tick();
        tick();
        System.out.println("goes on");
      });
    }

    private static void fail() {
      throw new Unprintable();
    }
  }

  @Test
  void failuresThatCannotBePrintedAreLoggedAndEndNoLoop() throws Exception {
    ChildJvm.Result result = ChildJvm.run(Unprintables.class, ChildJvm.engine());
    assertThat(result.output())
        .contains("goes on", "Exception in callback", "Unhandled error in exception handler")
        .contains("Unprintable whose toString() fails with java.lang.AssertionError")
        .contains("exception was never retrieved");
    assertThat(result.exitCode()).isZero();
  }

  @Test // as CPython's repr
  void taskThatIsBeingCancelledSaysSo() {
    VirtualTime.run(() -> {
      Task<?> task =
          createTask(
              () -> {
                try {
                  Asyncio.sleep(Duration.ofHours(1));
                } finally {
                  Asyncio.sleep(Duration.ofHours(1));
                }
              },
              "slow");
      tick();
      assertThat(task).hasToString("Task[slow pending waiting for Future]");
      task.cancel();
      assertThat(task).hasToString("Task[slow cancelling waiting for Future]");
      tick();
      tick();
      assertThat(task).hasToString("Task[slow cancelling waiting for Future]");
      task.uncancel();
      assertThat(task).hasToString("Task[slow pending waiting for Future]");
      task.cancel();
      Steps.ticks(3);
      assertThat(task).hasToString("Task[slow cancelled]");
    });
  }

  @Test
  void taskThatWasCancelledBeforeItsFirstStepSaysSo() {
    VirtualTime.run(() -> {
      Task<?> task = createTask(() -> 1, "new");
      task.cancel();
      assertThat(task).hasToString("Task[new cancelling]");
    });
  }
}
