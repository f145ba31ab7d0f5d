package dev.aioli;

import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.runCoroutineThreadsafe;
import static dev.aioli.Asyncio.runInExecutor;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.queue.Queue;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Semaphore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Faults, each hundreds of times while other tasks work: nothing is lost, and the loop lives. */
class FaultsUnderLoadTest {
  private static final int ROUNDS = 300;

  private static void yieldOnce() {
    sleep(Duration.ZERO);
  }

  /** Tasks that hand numbers on under a lock; gives how many came through. */
  private static Task<Integer> load(int items) {
    return createTask(() -> {
      Queue<Integer> queue = new Queue<>(2);
      Lock lock = new Lock();
      int[] received = new int[1];
      Task<?> producer =
          createTask(() -> {
            for (int i = 0; i < items; i++) {
              queue.put(i);
            }
          });
      List<Task<?>> consumers = new ArrayList<>();
      for (int c = 0; c < 4; c++) {
        consumers.add(
            createTask(() -> {
              for (int i = 0; i < items / 4; i++) {
                queue.get();
                try (var permit = lock.acquire()) {
                  int seen = received[0];
                  yieldOnce();
                  received[0] = seen + 1;
                }
              }
            }));
      }
      producer.await();
      gather(consumers);
      return received[0];
    });
  }

  // ---- interrupts

  /** Interrupts a thread until it is told to stop. */
  private static Thread interrupter(Thread target, AtomicBoolean stop) {
    return Thread.ofPlatform()
        .start(() -> {
          while (!stop.get()) {
            target.interrupt();
            Thread.onSpinWait();
          }
        });
  }

  @Test
  void interruptsOfTheCallersThreadLoseNothing() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      AtomicBoolean stop = new AtomicBoolean();
      Thread interrupter = interrupter(Thread.currentThread(), stop);
      int received =
          Steps.inALoop(() -> {
            Task<Integer> load = load(40);
            sleep(Duration.ofNanos(100_000)); // waits in the poller
            return load.await();
          });
      stop.set(true);
      while (interrupter.isAlive()) {
        Thread.onSpinWait();
      }
      Thread.interrupted();
      assertThat(received).isEqualTo(40);
    }
  }

  @Test
  void interruptBetweenStepsOrWhileIdleIsKeptUntilTheEndOfTheRun() {
    Thread caller = Thread.currentThread();
    for (int round = 0; round < ROUNDS; round++) {
      boolean idle = round % 2 == 0;
      int received =
          Steps.inALoop(() -> {
            EventLoop loop = EventLoop.getRunningLoop();
            Thread loopThread = loop.turn().thread();
            Task<Integer> load = load(40);
            int result = 0;
            if (idle) {
              result = load.await();
              Future<String> interrupted = loop.createFuture();
              Thread interrupter =
                  Thread.ofPlatform()
                      .start(() -> {
                        while (loopThread.getState() != Thread.State.WAITING) {
                          Thread.onSpinWait();
                        }
                        caller.interrupt();
                        loop.callSoonThreadsafe(() -> interrupted.setResult("interrupted"));
                      });
              interrupted.await();
              assertThat(interrupter).isNotNull();
            } else {
              loop.callSoon(loopThread::interrupt);
              result = load.await();
            }
            return result;
          });
      assertThat(received).isEqualTo(40);
      assertThat(Thread.interrupted())
          .as("round %s", round)
          .isEqualTo(idle || loopRunsOnItsCallersThread());
    }
  }

  @Test
  void interruptWhileATaskHasTheTurnIsKeptUntilTheEndOfTheRun() {
    for (int round = 0; round < ROUNDS; round++) {
      Steps.inALoop(() -> {
        Thread loopThread = EventLoop.getRunningLoop().turn().thread();
        Task<Integer> load = load(40);
        loopThread.interrupt();
        assertThat(load.await()).isEqualTo(40);
        return null;
      });
      assertThat(Thread.interrupted())
          .as("round %s", round)
          .isEqualTo(loopRunsOnItsCallersThread());
    }
  }

  /** Else an interrupt of the loop's own thread is nothing that its caller knows of. */
  private static boolean loopRunsOnItsCallersThread() {
    return Engine.byDefault() != Engine.HAND_OVER;
  }

  @Test // ADR 13: the caller waits while the loop runs elsewhere
  void interruptOfTheCallerReachesACallbackThatBlocksTheLoopsThread() throws Exception {
    List<String> events = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    CountDownLatch blocked = new CountDownLatch(1);
    Runnable program =
        () -> {
          loop.callSoon(() -> {
            blocked.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              events.add("callback interrupted");
            }
            loop.stop();
          });
          loop.runForever();
          events.add("caller still interrupted: " + Thread.currentThread().isInterrupted());
          loop.close();
        };
    // the kind of thread on which this engine's loop does not run
    Thread.Builder builder =
        loop.engine() == Engine.HAND_OVER ? Thread.ofPlatform() : Thread.ofVirtual();
    Thread caller = builder.start(program);
    blocked.await();
    caller.interrupt();
    caller.join();
    assertThat(events).containsExactly("callback interrupted", "caller still interrupted: true");
  }

  // ---- executors

  @Test
  void executorThatRejectsFailsTheCallAndNothingElse() {
    ExecutorService none = Executors.newSingleThreadExecutor();
    none.shutdown();
    run(() -> {
      Task<Integer> load = load(400);
      AtomicInteger rejected = new AtomicInteger();
      for (int round = 0; round < ROUNDS; round++) {
        try {
          runInExecutor(none, () -> "x").await();
        } catch (RejectedExecutionException e) {
          rejected.incrementAndGet();
        }
        yieldOnce();
      }
      assertThat(rejected).hasValue(ROUNDS);
      assertThat(load.await()).isEqualTo(400);
    });
  }

  @Test
  void executorThatIsShutDownUnderWaitingTasksRunsWhatItAccepted() {
    run(() -> {
      Task<Integer> load = load(400);
      for (int round = 0; round < ROUNDS; round++) {
        ExecutorService executor = Executors.newFixedThreadPool(2);
        CountDownLatch release = new CountDownLatch(1);
        List<Task<String>> waiting = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
          waiting.add(
              createTask(() ->
                  runInExecutor(
                          executor,
                          () -> {
                            release.await();
                            return "ran";
                          })
                      .await()));
        }
        yieldOnce();
        executor.shutdown();
        assertThatThrownBy(() -> runInExecutor(executor, () -> "late"))
            .isInstanceOf(RejectedExecutionException.class);
        release.countDown();
        assertThat(gather(waiting)).containsOnly("ran");
      }
      assertThat(load.await()).isEqualTo(400);
    });
  }

  @Test
  void defaultExecutorThatIsShutDownUnderWaitingTasksRunsWhatItAccepted() {
    for (int round = 0; round < ROUNDS; round++) {
      run(() -> {
        CountDownLatch release = new CountDownLatch(1);
        List<Task<String>> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          waiting.add(
              createTask(() ->
                  runInExecutor(
                          () -> {
                            release.await();
                            return "ran";
                          })
                      .await()));
        }
        yieldOnce();
        Task<?> shutdown =
            createTask(
                () -> EventLoop.getRunningLoop().shutdownDefaultExecutor(Duration.ofMinutes(1)));
        yieldOnce();
        assertThatThrownBy(() -> runInExecutor(() -> "late"))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("has been shut down");
        release.countDown();
        assertThat(gather(waiting)).containsOnly("ran");
        shutdown.await();
      });
    }
  }

  @Test
  void workerThatIsBlockedWhenTheLoopClosesDeliversToNobodyAndHarmsNobody() throws Exception {
    List<ExceptionContext> reported = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      EventLoop loop = EventLoop.newEventLoop();
      loop.setExceptionHandler((l, context) -> reported.add(context));
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      Thread[] worker = new Thread[1];
      Future<?>[] left = new Future<?>[1];
      loop.runUntilComplete(() -> {
        left[0] =
            runInExecutor(() -> {
              worker[0] = Thread.currentThread();
              entered.countDown();
              release.await();
            });
        entered.await();
      });
      loop.close(); // does not wait for it
      release.countDown();
      worker[0].join();
      assertThat(left[0].done()).isFalse();
    }
    assertThat(reported).isEmpty();
  }

  // ---- the loop closes

  @Test
  void postsOfEightThreadsToAClosingLoopRunOrAreRefused() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      EventLoop loop = EventLoop.newEventLoop();
      AtomicInteger posted = new AtomicInteger();
      AtomicInteger refused = new AtomicInteger();
      List<Throwable> unexpected = new ArrayList<>();
      AtomicInteger ran = new AtomicInteger();
      AtomicInteger cancelled = new AtomicInteger();
      CountDownLatch started = new CountDownLatch(8);
      CountDownLatch closed = new CountDownLatch(1);
      List<Thread> posters = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        posters.add(
            Thread.ofPlatform()
                .start(() -> {
                  for (int i = 0; i < 50; i++) {
                    if (i == 49) { // the last one comes after the end: it must be refused
                      awaitQuietly(closed);
                    }
                    try {
                      SubmittedTask<?> task = runCoroutineThreadsafe(ran::incrementAndGet, loop);
                      posted.incrementAndGet();
                      task.whenComplete((value, error) -> {
                        if (error instanceof CancellationException) {
                          cancelled.incrementAndGet();
                        }
                      });
                    } catch (IllegalStateException e) {
                      refused.incrementAndGet();
                    } catch (RuntimeException | Error e) {
                      synchronized (unexpected) {
                        unexpected.add(e);
                      }
                    }
                    started.countDown();
                  }
                }));
      }
      loop.setExceptionHandler((l, context) -> {});
      loop.runUntilComplete(() -> {
        blocking(() -> started.await());
      });
      loop.close();
      closed.countDown();
      for (Thread poster : posters) {
        poster.join();
      }
      assertThat(unexpected).isEmpty();
      assertThat(refused.get()).as("posts after the end").isGreaterThanOrEqualTo(8);
      assertThat(ran.get() + cancelled.get()).as("round %s", round).isEqualTo(posted.get());
    }
  }

  // ---- errors of the JVM

  @SuppressWarnings("InfiniteRecursion") // on purpose
  private static int recurse(int depth) {
    return recurse(depth + 1) + 1;
  }

  @Test
  void stackOverflowsFailTheirTasksOnly() {
    run(() -> {
      Task<Integer> load = load(400);
      for (int round = 0; round < ROUNDS; round++) {
        Task<Integer> overflowing =
            createTask(() -> {
              yieldOnce();
              return recurse(0);
            });
        assertThatThrownBy(overflowing::await).isInstanceOf(StackOverflowError.class);
      }
      assertThat(load.await()).isEqualTo(400);
    });
  }

  @Test // the stack runs out wherever it does, in our code, too
  void stackOverflowsInAwaitsFailTheirTasksOnly() {
    run(() -> {
      Task<Integer> load = load(400);
      Semaphore permits = new Semaphore(1_000_000);
      for (int round = 0; round < ROUNDS; round++) {
        Task<?> overflowing = createTask(() -> recurseAndCall(permits));
        assertThatThrownBy(overflowing::await).isInstanceOf(StackOverflowError.class);
      }
      assertThat(createTask(() -> "alive").await()).isEqualTo("alive");
      assertThat(load.await()).isEqualTo(400);
    });
  }

  @SuppressWarnings("InfiniteRecursion") // on purpose
  private static void recurseAndCall(Semaphore permits) {
    permits.acquire().close();
    recurseAndCall(permits);
  }

  @Test
  void exhaustedMemoryFailsItsTasksOnly() {
    run(() -> {
      Task<Integer> load = load(400);
      for (int round = 0; round < ROUNDS; round++) {
        Task<Object> greedy =
            createTask(() -> {
              yieldOnce();
              return new long[Integer.MAX_VALUE]; // more than any JVM has
            });
        assertThatThrownBy(greedy::await).isInstanceOf(OutOfMemoryError.class);
      }
      assertThat(load.await()).isEqualTo(400);
    });
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
