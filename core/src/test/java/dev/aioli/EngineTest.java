package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.ms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** What the engines must respect of the JVM. Runs on each engine. */
class EngineTest {
  private static void yieldOnce() {
    sleep(Duration.ZERO);
  }

  /** A body that blocks keeps the turn: the other task's line comes after. */
  private static List<String> runBeside(ThrowingRunnable blocking) {
    List<String> events = new ArrayList<>();
    run(() -> {
      Task<?> blocked =
          createTask(() -> {
            events.add("before");
            blocking.run();
            events.add("after");
          });
      Task<?> other = createTask(() -> events.add("other"));
      gather(List.of(blocked, other));
    });
    return events;
  }

  @Test
  void bodyUnparkedByAnotherThreadKeepsTheTurnMeanwhile() {
    CountDownLatch parked = new CountDownLatch(1);
    Thread[] body = new Thread[1];
    AtomicBoolean released = new AtomicBoolean();
    Thread unparker =
        Thread.ofPlatform()
            .start(() -> {
              awaitUninterruptibly(parked);
              while (body[0].getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
              }
              released.set(true);
              LockSupport.unpark(body[0]);
            });
    List<String> events =
        runBeside(() -> {
          body[0] = Thread.currentThread();
          parked.countDown();
          while (!released.get()) {
            LockSupport.park();
          }
        });
    assertThat(events).containsExactly("before", "after", "other");
    assertThat(unparker).isNotNull();
  }

  @Test
  void bodyThatSleepsKeepsTheTurn() {
    assertThat(runBeside(() -> Thread.sleep(5))).containsExactly("before", "after", "other");
  }

  @Test
  void bodyThatWaitsForALockOfAThreadKeepsTheTurn() {
    ReentrantLock lock = new ReentrantLock();
    Object monitor = new Object();
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch waiting = new CountDownLatch(1);
    Thread holder =
        Thread.ofPlatform()
            .start(() -> {
              synchronized (monitor) {
                lock.lock();
                held.countDown();
                awaitUninterruptibly(waiting);
                while (!lock.hasQueuedThreads()) {
                  Thread.onSpinWait();
                }
                lock.unlock();
              }
            });
    awaitUninterruptibly(held);
    List<String> events =
        runBeside(() -> {
          waiting.countDown();
          lock.lock();
          lock.unlock();
          synchronized (monitor) {
            assertThat(holder).isNotNull();
          }
        });
    assertThat(events).containsExactly("before", "after", "other");
  }

  @Test
  void virtualThreadStartedInATaskDoesNotRunOnTheLoop() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    Thread[] child = new Thread[1];
    run(() -> {
      CountDownLatch spinning = new CountDownLatch(1);
      child[0] =
          Thread.ofVirtual()
              .start(() -> {
                spinning.countDown();
                while (!stop.get()) {
                  Thread.onSpinWait();
                }
              });
      spinning.await();
      for (int i = 0; i < 100; i++) {
        yieldOnce(); // would never come back if the child span on the loop's thread
      }
      stop.set(true);
    });
    child[0].join();
  }

  @Test
  void virtualThreadStartedInATaskOutlivesTheLoop() throws Exception {
    CountDownLatch loopEnded = new CountDownLatch(1);
    CountDownLatch childEnded = new CountDownLatch(1);
    ExecutorService[] executor = new ExecutorService[1];
    run(() -> {
      executor[0] = Executors.newVirtualThreadPerTaskExecutor();
      executor[0].execute(() -> {
        awaitUninterruptibly(loopEnded);
        childEnded.countDown();
      });
    });
    loopEnded.countDown();
    childEnded.await();
    executor[0].close();
  }

  @Test
  @DisabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "bare",
      disabledReason = "joins the thread of a task, which is the loop's; BareEngineTest closes one")
  void closingTheLoopEndsParkedTasksAndTheirThreads() throws Exception {
    List<String> events = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((l, context) -> events.add("reported"));
    Thread[] thread = new Thread[1];
    Task<?> parked =
        loop.createTask(() -> {
          thread[0] = Thread.currentThread();
          try {
            loop.createFuture().await();
          } finally {
            events.add("cleaned up");
            assertThatThrownBy(EngineTest::yieldOnce).isInstanceOf(CancelledError.class);
          }
          return null;
        });
    Task<?> neverStarted = loop.createTask(() -> events.add("never"));
    neverStarted.cancel();
    loop.runUntilComplete(() -> {
      yieldOnce();
      return null;
    });
    loop.createTask(() -> events.add("never"));
    loop.close();
    thread[0].join();
    LockSupport.unpark(thread[0]); // and nothing is thrown at whoever still holds the thread
    assertThat(parked.cancelled()).isTrue();
    assertThat(events).containsExactly("reported", "cleaned up", "reported");
  }

  @Test
  void closingTheLoopEndsATaskThatCatchesTheCancellation() {
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((l, context) -> {});
    Task<String> stubborn =
        loop.createTask(() -> {
          for (int i = 0; ; i++) {
            try {
              loop.createFuture().await();
            } catch (CancelledError e) {
              if (i == 3) {
                return "gave up";
              }
            }
          }
        });
    loop.runUntilComplete(() -> {
      yieldOnce();
      return null;
    });
    loop.close();
    assertThat(stubborn.result()).isEqualTo("gave up");
  }

  /** Awaits in its class initialiser. */
  private static final class AwaitsWhileInitialised {
    static final String OUTCOME;

    static {
      String outcome;
      try {
        yieldOnce();
        outcome = "went on";
      } catch (IllegalStateException e) {
        outcome = String.valueOf(e.getMessage());
      }
      OUTCOME = outcome;
    }
  }

  @Test
  void awaitInAClassInitialiserIsReportedAndTheLoopLives() {
    String outcome =
        run(() -> {
          String seen = AwaitsWhileInitialised.OUTCOME;
          yieldOnce();
          return seen;
        });
    if (Engine.byDefault() != Engine.HAND_OVER) {
      assertThat(outcome).contains("cannot wait here").contains("class initialiser");
    } else {
      assertThat(outcome).isEqualTo("went on");
    }
  }

  private static String child() {
    return "child";
  }

  /** Starts a task eagerly in its class initialiser; its body needs nothing of that class. */
  private static final class StartsWhileInitialised {
    static final Task<String> CHILD =
        createTask(EngineTest::child, TaskOptions.DEFAULT.withEagerStart(true));
  }

  @Test
  void eagerStartInAClassInitialiserFallsBackToAUsualOne() {
    run(() -> {
      Task<String> child = StartsWhileInitialised.CHILD;
      Future<String> future = EventLoop.getRunningLoop().createFuture();
      EventLoop.getRunningLoop().callLater(Duration.ofMillis(1), () -> future.setResult("set"));
      assertThat(future.await()).isEqualTo("set");
      assertThat(child.await()).isEqualTo("child");
      assertThat(Asyncio.allTasks()).hasSize(1);
    });
  }

  @Test
  void cancellationDoesNotDependOnTheInterruptFlag() {
    run(() -> {
      Task<String> task =
          createTask(() -> {
            Thread.currentThread().interrupt();
            yieldOnce(); // neither lost nor spinning
            boolean kept = Thread.interrupted();
            try {
              sleep(Duration.ofDays(1));
              return "slept";
            } catch (CancelledError e) {
              return "cancelled, interrupt kept: " + kept;
            }
          });
      yieldOnce();
      yieldOnce();
      yieldOnce();
      task.cancel();
      assertThat(task.await()).isEqualTo("cancelled, interrupt kept: true");
    });
  }

  @Test // taking a stack trace makes a virtual thread unrunnable for a moment
  void stackTracesTakenAtRandomMomentsDisturbNobody() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    Thread[] bodies = new Thread[2];
    CountDownLatch started = new CountDownLatch(bodies.length);
    Thread sampler =
        Thread.ofPlatform()
            .start(() -> {
              awaitUninterruptibly(started);
              long frames = 0;
              while (!stop.get()) {
                for (Thread body : bodies) {
                  frames += body.getStackTrace().length;
                }
              }
              assertThat(frames).isPositive();
            });
    run(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      for (int i = 0; i < bodies.length; i++) {
        int index = i;
        tasks.add(
            createTask(() -> {
              bodies[index] = Thread.currentThread();
              started.countDown();
              for (int n = 0; n < 20_000; n++) {
                yieldOnce();
              }
            }));
      }
      gather(tasks);
    });
    stop.set(true);
    sampler.join();
  }

  @Test
  void loopRunsWhenCalledFromAVirtualThread() throws Exception {
    List<String> results = new ArrayList<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() ->
                results.add(
                    run(() -> {
                      yieldOnce();
                      return "ran";
                    })));
    caller.join();
    assertThat(results).containsExactly("ran");
  }

  @Test
  void exceptionComesOutOfALoopOnAThreadOfItsOwn() throws Exception {
    List<Throwable> thrown = new ArrayList<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                run(() -> {
                  throw new SystemExit(3);
                });
              } catch (SystemExit e) {
                thrown.add(e);
              }
            });
    caller.join();
    assertThat(thrown).singleElement().isInstanceOf(SystemExit.class);
  }

  @Test
  void socketsWorkAfterALoopHadTheFirstSocketWaitOfTheJvm() throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(
            ColdPollers.WithLoop.class, ChildJvm.OPENS, "-Ddev.aioli.engine=loop-scheduled");
    assertThat(result.output()).contains("works");
  }

  @Test // the twin without the guard
  void withoutTheWarmUpTheJvmsSocketsHang() throws Exception {
    ChildJvm.Result result = ChildJvm.run(ColdPollers.WithoutGuard.class, ChildJvm.OPENS);
    assertThat(result.output()).contains("hangs");
  }

  /** Prints the engine of a default loop, or why there is none. */
  static final class PrintsEngine {
    public static void main(String[] args) {
      try (EventLoop loop = EventLoop.newEventLoop()) {
        System.out.println("engine: " + loop.engine());
      } catch (IllegalStateException e) {
        System.out.println("error: " + e.getMessage());
      }
    }
  }

  @Test
  void fastEngineIsUsedWhereTheJvmPermitsIt() throws Exception {
    assertThat(ChildJvm.run(PrintsEngine.class, ChildJvm.OPENS).output())
        .isEqualToIgnoringNewLines("engine: loop-scheduled");
  }

  @Test
  void fallbackIsUsedOtherwiseAndNothingElseIsSaid() throws Exception {
    assertThat(ChildJvm.run(PrintsEngine.class).output().lines())
        .containsExactly("engine: hand-over");
  }

  @Test
  void debugModeSaysWhatToAddForTheFastEngine() throws Exception {
    assertThat(ChildJvm.run(PrintsEngine.class, "-Ddev.aioli.debug=true").output())
        .contains("engine: hand-over")
        .containsOnlyOnce("--add-opens java.base/java.lang=ALL-UNNAMED");
  }

  /** Runs a task that suspends, calls a thread and starts another one. */
  static final class Hello {
    public static void main(String[] args) {
      run(() -> {
        String name = Asyncio.toThread(() -> "world");
        Asyncio.sleep(ms(1));
        System.out.println("hello " + Asyncio.blocking(() -> name));
      });
    }
  }

  @Test
  void aProgramStartsAndEndsWithoutALineOfOurs() throws Exception {
    assertThat(ChildJvm.run(Hello.class, ChildJvm.engine()).output().lines())
        .containsExactly("hello world");
  }

  @Test
  void forcedEngineThatIsNotAvailableIsAClearError() throws Exception {
    assertThat(ChildJvm.run(PrintsEngine.class, "-Ddev.aioli.engine=loop-scheduled").output())
        .contains("error: engine loop-scheduled needs")
        .contains("--add-opens java.base/java.lang=ALL-UNNAMED");
  }

  @Test
  void bareEngineThatIsNotAvailableIsAClearError() throws Exception {
    for (String half : List.of(ChildJvm.OPENS, ChildJvm.EXPORTS)) {
      assertThat(ChildJvm.run(PrintsEngine.class, half, "-Ddev.aioli.engine=bare").output())
          .contains("error: engine bare needs")
          .contains("--add-opens java.base/java.lang=ALL-UNNAMED")
          .contains("--add-exports java.base/jdk.internal.vm=ALL-UNNAMED");
    }
  }

  @Test
  void bareEngineIsNeverChosenByDefault() throws Exception {
    assertThat(ChildJvm.run(PrintsEngine.class, ChildJvm.OPENS, ChildJvm.EXPORTS).output())
        .contains("engine: loop-scheduled");
    assertThat(ChildJvm.run(PrintsEngine.class, ChildJvm.EXPORTS).output())
        .contains("engine: hand-over");
  }

  @Test
  void unknownEngineIsAClearError() throws Exception {
    assertThat(ChildJvm.run(PrintsEngine.class, "-Ddev.aioli.engine=turbo").output())
        .contains("expected one of loop-scheduled, hand-over, bare; found 'turbo'");
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
