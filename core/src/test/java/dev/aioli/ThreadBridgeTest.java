package dev.aioli;

import static dev.aioli.Asyncio.await;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.runCoroutineThreadsafe;
import static dev.aioli.Asyncio.runInExecutor;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.queue.Queue;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Semaphore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The doors between the loop and other threads. */
class ThreadBridgeTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private static void yieldOnce() {
    sleep(Duration.ZERO);
  }

  @Test // posts race with the loop going idle
  void postsOfManyThreadsAllRunInEachThreadsOrder() {
    int threads = 4;
    int posts = 250_000;
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      int[] next = new int[threads];
      int[] left = {threads * posts};
      Future<String> done = loop.createFuture();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < posts; i++) {
                int number = i;
                loop.callSoonThreadsafe(() -> {
                  if (next[thread]++ != number) {
                    done.setResult("out of order");
                  } else if (--left[0] == 0) {
                    done.setResult("all ran");
                  }
                });
              }
            });
      }
      assertThat(done.await()).isEqualTo("all ran");
    });
  }

  @Test
  void stoppedLoopKeepsPostsUntilItRuns() throws Exception {
    List<String> events = new ArrayList<>();
    try (EventLoop loop = EventLoop.newEventLoop()) {
      Thread poster =
          Thread.ofPlatform().start(() -> loop.callSoonThreadsafe(() -> events.add("posted")));
      poster.join();
      loop.runUntilComplete(() -> yieldOnce());
    }
    assertThat(events).containsExactly("posted");
  }

  @Test
  void postRacingWithCloseRunsOrIsRefusedButIsNeverLost() throws Exception {
    for (int round = 0; round < 200; round++) {
      EventLoop loop = EventLoop.newEventLoop();
      AtomicInteger accepted = new AtomicInteger();
      AtomicInteger refused = new AtomicInteger();
      AtomicInteger ended = new AtomicInteger();
      List<SubmittedTask<String>> submitted = new ArrayList<>();
      List<Thread> posters = new ArrayList<>();
      CountDownLatch started = new CountDownLatch(8);
      for (int t = 0; t < 8; t++) {
        posters.add(
            Thread.ofPlatform()
                .start(() -> {
                  started.countDown();
                  for (int i = 0; i < 20; i++) {
                    try {
                      SubmittedTask<String> task = runCoroutineThreadsafe(() -> "ran", loop);
                      accepted.incrementAndGet();
                      task.whenComplete((value, thrown) -> ended.incrementAndGet());
                      synchronized (submitted) {
                        submitted.add(task);
                      }
                    } catch (IllegalStateException e) {
                      assertThat(e).hasMessageContaining("event loop is closed");
                      refused.incrementAndGet();
                    }
                  }
                }));
      }
      loop.runUntilComplete(() -> started.await());
      loop.close();
      for (Thread poster : posters) {
        poster.join();
      }
      for (SubmittedTask<String> task : submitted) {
        assertThat(task.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(task.isDone()).isTrue();
      }
      assertThat(accepted.get() + refused.get()).isEqualTo(160);
      assertThat(ended.get()).isEqualTo(accepted.get());
    }
  }

  @Test
  void submittedTaskTimesOutIsCancelledAndCleansUp() throws Exception {
    List<String> events = new ArrayList<>();
    try (EventLoopThread thread = EventLoopThread.start("bridge")) {
      CountDownLatch entered = new CountDownLatch(1);
      SubmittedTask<?> task =
          thread.submit(() -> {
            try {
              entered.countDown();
              sleep(Duration.ofDays(1));
            } finally {
              sleep(Duration.ofMillis(1));
              events.add("cleaned up");
            }
          });
      entered.await();
      assertThatThrownBy(() -> task.result(Duration.ofMillis(1)))
          .isInstanceOf(TimeoutException.class)
          .hasMessageContaining("the time limit of 1 ms has passed");
      assertThat(task.isDone()).isFalse(); // a timeout leaves it running
      assertThat(task.cancel(true)).isTrue();
      assertThat(task.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
      assertThat(events).containsExactly("cleaned up");
      assertThatThrownBy(() -> task.result(LONG)).isInstanceOf(CancelledError.class);
      assertThat(thread.submit(() -> 42).result(LONG)).isEqualTo(42);
      assertThatThrownBy(() ->
              thread
                  .submit(() -> {
                    throw new IOException("disk");
                  })
                  .result(LONG))
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(IOException.class);
    }
  }

  private static void inAnotherThread(ThrowingRunnable body) throws Exception {
    Throwable[] thrown = new Throwable[1];
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              try {
                body.run();
              } catch (Throwable e) {
                thrown[0] = e;
              }
            });
    thread.join();
    assertThat(thrown[0]).isNull();
  }

  @Test // CPython 3.14: test_call_soon_threadsafe_handle_cancel_other_thread
  void postIsCalledOffByAnotherThread() {
    List<String> events = new ArrayList<>();
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      Handle mine = loop.callSoonThreadsafe(() -> events.add("mine"));
      inAnotherThread(() -> {
        Handle other = loop.callSoonThreadsafe(() -> events.add("other"));
        mine.cancel();
        other.cancel();
        assertThat(other.cancelled()).isTrue();
        loop.callSoonThreadsafe(() -> events.add("last"));
      });
      assertThat(mine.cancelled()).isTrue();
      yieldOnce();
      yieldOnce();
      assertThat(events).containsExactly("last");
    });
  }

  @Test
  void postOfAStoppedLoopIsCalledOffByAnyThread() throws Exception {
    List<String> events = new ArrayList<>();
    try (EventLoop loop = EventLoop.newEventLoop()) {
      Handle handle = loop.callSoonThreadsafe(() -> events.add("posted"));
      inAnotherThread(handle::cancel);
      loop.runUntilComplete(() -> events.add("run"));
    }
    assertThat(events).containsExactly("run");
  }

  @Test
  void postThatRunsIsNotDisturbedByACancel() throws Exception {
    List<String> events = new ArrayList<>();
    try (EventLoopThread thread = EventLoopThread.start("bridge")) {
      CountDownLatch began = new CountDownLatch(1);
      CountDownLatch cancelled = new CountDownLatch(1);
      Handle handle =
          thread
              .loop()
              .callSoonThreadsafe(() -> {
                began.countDown();
                try {
                  cancelled.await();
                } catch (InterruptedException e) {
                  events.add("interrupted");
                }
                events.add("ran on");
              });
      began.await();
      handle.cancel();
      cancelled.countDown();
      assertThat(thread.submit(() -> List.copyOf(events)).result(LONG)).containsExactly("ran on");
    }
  }

  @Test
  void handlesThatWereNotPostedAreCalledOffInTheTurnOnly() {
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      Handle handle = loop.callSoon(() -> {});
      Handle timer = loop.callLater(Duration.ofDays(1), () -> {});
      inAnotherThread(() -> {
        assertThatThrownBy(handle::cancel).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(timer::cancel).isInstanceOf(IllegalStateException.class);
      });
      timer.cancel();
    });
  }

  @Test // CPython 3.14
  void cancelInTheLoopsOwnTurnReachesTheTaskAtOnce() {
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      List<Task<?>> started = new ArrayList<>();
      SubmittedTask<?> submitted =
          runCoroutineThreadsafe(
              () -> {
                started.add(loop.currentTask());
                sleep(Duration.ofDays(1));
              },
              loop);
      yieldOnce();
      yieldOnce();
      Task<?> task = started.getFirst();
      assertThat(submitted.cancel(true)).isTrue();
      assertThat(task.cancelling()).isEqualTo(1);
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
      assertThat(submitted.awaitTermination(0, TimeUnit.SECONDS)).isTrue();
    });
  }

  @Test
  void cancelInTheTurnBeforeTheTaskIsMadeKeepsItFromBeginning() {
    List<String> events = new ArrayList<>();
    run(() -> {
      SubmittedTask<?> submitted =
          runCoroutineThreadsafe(() -> events.add("ran"), EventLoop.getRunningLoop());
      submitted.cancel(true);
      yieldOnce();
      yieldOnce();
      assertThat(submitted.awaitTermination(0, TimeUnit.SECONDS)).isTrue();
    });
    assertThat(events).isEmpty();
  }

  @Test
  void taskThatCancelsItsOwnSubmissionIsCancelledAtItsNextSuspension() {
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      List<SubmittedTask<?>> submitted = new ArrayList<>();
      List<String> events = new ArrayList<>();
      submitted.add(
          runCoroutineThreadsafe(
              () -> {
                submitted.getFirst().cancel(true);
                events.add("went on");
                yieldOnce();
                events.add("not reached");
              },
              loop));
      Steps.ticks(5);
      assertThat(events).containsExactly("went on");
      assertThat(submitted.getFirst().awaitTermination(0, TimeUnit.SECONDS)).isTrue();
    });
  }

  @Test
  void waitingForATaskInItsOwnLoopIsAnErrorAtOnce() {
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      SubmittedTask<String> task = runCoroutineThreadsafe(() -> "x", loop);
      assertThatThrownBy(task::get)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("would block");
      assertThatThrownBy(() -> task.result(LONG)).isInstanceOf(IllegalStateException.class);
      while (!task.isDone()) {
        yieldOnce();
      }
      assertThat(task.get()).isEqualTo("x"); // nothing blocks now
    });
  }

  @Test
  void callbackPostedByTheWorkerRunsBeforeTheAwaitingTaskGoesOn() {
    int rounds = 1_000;
    List<String> events = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      for (int round = 0; round < rounds; round++) {
        runInExecutor(() -> loop.callSoonThreadsafe(() -> events.add("callback"))).await();
        events.add("went on");
        expected.addAll(List.of("callback", "went on"));
      }
    });
    assertThat(events).isEqualTo(expected);
  }

  @Test
  void contextIsCarriedByToThreadOnly() {
    ContextVar<String> user = new ContextVar<>("user", "nobody");
    run(() -> {
      user.set("ann");
      assertThat(Asyncio.<String>toThread(user::get)).isEqualTo("ann");
      assertThat(Asyncio.<String>runInExecutor(user::get).await()).isEqualTo("nobody");
    });
  }

  @Test
  void rejectionAndExceptionsOfTheExecutorReachTheCaller() {
    ExecutorService closed = Executors.newSingleThreadExecutor();
    closed.shutdown();
    run(() -> {
      assertThatThrownBy(() -> runInExecutor(closed, () -> "x"))
          .isInstanceOf(RejectedExecutionException.class);
      assertThatThrownBy(() ->
              runInExecutor(
                      () -> {
                        throw new IOException("disk");
                      })
                  .await())
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(IOException.class);
      Error oom = new OutOfMemoryError("planted");
      assertThatThrownBy(() ->
              runInExecutor(
                      () -> {
                        throw oom;
                      })
                  .await())
          .isSameAs(oom);
    });
  }

  @Test
  void resultForACancelledFutureIsDroppedSilently() {
    List<ExceptionContext> reported = new ArrayList<>();
    CountDownLatch latch = new CountDownLatch(1);
    CountDownLatch worked = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    run(() -> {
      EventLoop.getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context));
      Future<?> future =
          runInExecutor(() -> {
            entered.countDown();
            latch.await();
            worked.countDown();
          });
      entered.await();
      future.cancel();
      yieldOnce();
      latch.countDown();
      worked.await(); // it detaches: the code runs to its end
      sleep(Duration.ofMillis(5));
    });
    assertThat(reported).isEmpty();
  }

  @Test
  void shutdownOfAStuckExecutorEndsAndSaysWhoIsStuck() throws Exception {
    assertThat(ChildJvm.run(StuckWorker.class).output())
        .contains("did not end its threads within PT0.05S")
        .contains("aioli-executor-0")
        .contains("CountDownLatch.await")
        .contains("ended");
  }

  static final class StuckWorker {
    public static void main(String[] args) {
      run(() -> {
        CountDownLatch entered = new CountDownLatch(1);
        runInExecutor(() -> {
          entered.countDown();
          new CountDownLatch(1).await();
        });
        entered.await();
        EventLoop.getRunningLoop().shutdownDefaultExecutor(Duration.ofMillis(50));
        assertThatThrownByDefaultExecutor();
      });
      System.out.println("ended");
    }

    private static void assertThatThrownByDefaultExecutor() {
      try {
        runInExecutor(() -> "x");
        System.out.println("not refused");
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void completionStagesAreAwaitedAndGiven() throws Exception {
    CompletableFuture<String> stage = new CompletableFuture<>();
    List<CompletableFuture<String>> given = new ArrayList<>();
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      Task<String> waiting = createTask(() -> await(stage));
      given.add(waiting.toCompletableFuture());
      yieldOnce();
      Thread.ofPlatform().start(() -> stage.complete("value"));
      assertThat(waiting.await()).isEqualTo("value");

      assertThatThrownBy(() -> await(CompletableFuture.failedFuture(new IOException("disk"))))
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(IOException.class);

      CompletableFuture<String> cancelledWithTask = new CompletableFuture<>();
      Task<String> cancelled = createTask(() -> await(cancelledWithTask));
      yieldOnce();
      cancelled.cancel();
      assertThatThrownBy(cancelled::await).isInstanceOf(CancelledError.class);
      yieldOnce();
      assertThat(cancelledWithTask.isCancelled()).isTrue();

      Future<String> future = loop.createFuture();
      future.toCompletableFuture().cancel(true);
      assertThatThrownBy(future::await).isInstanceOf(CancelledError.class);
      yieldOnce();
    });
    assertThat(given.getFirst().get()).isEqualTo("value");
  }

  @Test
  void loopIsAnExecutorThatRejectsWhenClosed() {
    List<String> events = new ArrayList<>();
    Executor[] executor = new Executor[1];
    run(() -> {
      executor[0] = EventLoop.getRunningLoop().asExecutor();
      CompletableFuture<String> posted = CompletableFuture.supplyAsync(() -> "ran", executor[0]);
      assertThat(Asyncio.<String>await(posted)).isEqualTo("ran");
    });
    assertThatThrownBy(() -> executor[0].execute(() -> events.add("never")))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("closed");
    assertThat(events).isEmpty();
  }

  @Test
  void failureOfTheTaskFactoryReachesWhoSubmitted() throws Exception {
    try (EventLoopThread thread = EventLoopThread.start("factory")) {
      thread
          .submit(() ->
              EventLoop.getRunningLoop()
                  .setTaskFactory(
                      new TaskFactory() {
                        @Override
                        public <T> Task<T> create(
                            EventLoop loop,
                            java.util.concurrent.Callable<? extends T> body,
                            TaskOptions options) {
                          throw new IllegalArgumentException("no tasks today");
                        }
                      }))
          .result(LONG);
      SubmittedTask<String> refused = thread.submit(() -> "x");
      assertThatThrownBy(() -> refused.result(LONG)).hasMessage("no tasks today");
      assertThat(refused.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void unboundPrimitivesRefuseForeignThreads() throws Exception {
    List<Throwable> thrown = new ArrayList<>();
    run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Queue<String> queue = new Queue<>(Queue.UNBOUNDED);
      Lock lock = new Lock();
      lock.acquire();
      List<Runnable> calls = List.of(semaphore::release, () -> queue.putNowait("x"), lock::release);
      Thread foreign =
          Thread.ofPlatform()
              .start(() -> {
                for (Runnable call : calls) {
                  try {
                    call.run();
                  } catch (IllegalStateException e) {
                    thrown.add(e);
                  }
                }
              });
      foreign.join();
      assertThat(semaphore.availablePermits()).isZero();
      assertThat(queue.empty()).isTrue();
    });
    assertThat(thrown)
        .hasSize(3)
        .allSatisfy(e -> assertThat(e).hasMessageContaining("expected the turn"));
  }

  @Test
  void handlerThatEndsTheLoopDoesNotKeepCloseFromClosing() {
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((l, context) -> {
      throw new SystemExit(3);
    });
    Task<?> first = loop.createTask(() -> sleep(LONG));
    Task<?> second = loop.createTask(() -> sleep(LONG));
    loop.runUntilComplete(() -> yieldOnce());
    assertThatThrownBy(loop::close).isInstanceOf(SystemExit.class);
    assertThat(first.cancelled()).isTrue();
    assertThat(second.cancelled()).isTrue();
  }
}
