package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.runInExecutor;
import static dev.aioli.Asyncio.toThread;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.lowlevel.JobExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a cancellation does to code in another thread. */
class ExecutorCancellationTest {
  private static final Duration LONG = Duration.ofDays(1);

  /** One thread that leaves an interrupt where it is, unlike a ThreadPoolExecutor. */
  private static final class BareWorker implements Executor, AutoCloseable {
    private final LinkedBlockingQueue<Runnable> jobs = new LinkedBlockingQueue<>();
    private final AtomicInteger strayInterrupts = new AtomicInteger();
    private final Thread thread = Thread.ofPlatform().daemon().start(this::work);
    private boolean closed; // in that thread only

    private void work() {
      while (!closed) {
        try {
          jobs.take().run();
          if (Thread.interrupted()) {
            strayInterrupts.incrementAndGet();
          }
        } catch (InterruptedException e) {
          strayInterrupts.incrementAndGet();
        }
      }
    }

    @Override
    public void execute(Runnable job) {
      jobs.add(job);
    }

    @Override
    public void close() throws InterruptedException {
      jobs.add(() -> closed = true);
      thread.join();
    }
  }

  @Test
  void theBodyThatRunsIsInterrupted() {
    run(() -> {
      CountDownLatch entered = new CountDownLatch(1);
      SynchronousQueue<Throwable> thrown = new SynchronousQueue<>();
      Future<?> future =
          runInExecutor(
              null,
              () -> {
                entered.countDown();
                try {
                  Thread.sleep(LONG);
                } catch (InterruptedException e) {
                  thrown.put(e);
                }
              },
              WhenCancelled.INTERRUPT);
      entered.await();
      future.cancel();
      assertThatThrownBy(future::await).isInstanceOf(CancelledError.class);
      tick();
      assertThat(thrown.take()).isInstanceOf(InterruptedException.class);
    });
  }

  @Test
  void cancellingTheTaskThatWaitsInterruptsTheBody() {
    run(() -> {
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch ended = new CountDownLatch(1);
      ContextVar<String> user = new ContextVar<>("user", "nobody");
      user.set("ann");
      List<String> seen = new ArrayList<>();
      Task<?> task =
          createTask(() ->
              toThread(
                  () -> {
                    seen.add(user.get());
                    entered.countDown();
                    try {
                      Thread.sleep(LONG);
                    } finally {
                      ended.countDown();
                    }
                  },
                  WhenCancelled.INTERRUPT));
      ticks(2);
      entered.await();
      task.cancel();
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
      tick();
      ended.await();
      assertThat(seen).containsExactly("ann");
    });
  }

  @Test
  void aVirtualThreadIsInterruptedToo() {
    run(() -> {
      try (ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> futures = new ArrayList<>();
        CountDownLatch entered = new CountDownLatch(100);
        for (int i = 0; i < 100; i++) {
          futures.add(
              runInExecutor(
                  virtual,
                  () -> {
                    entered.countDown();
                    Thread.sleep(LONG);
                  },
                  WhenCancelled.INTERRUPT));
        }
        entered.await();
        futures.forEach(Future::cancel);
        tick();
      } // waits for all of them
    });
  }

  @ParameterizedTest
  @EnumSource(WhenCancelled.class)
  void aBodyThatHasNotBegunNeverDoes(WhenCancelled how) throws Exception {
    List<String> events = new ArrayList<>();
    try (BareWorker worker = new BareWorker()) {
      run(() -> {
        CountDownLatch release = new CountDownLatch(1);
        Future<?> first = runInExecutor(worker, () -> release.await());
        List<Future<?>> queued = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
          queued.add(runInExecutor(worker, () -> events.add("ran"), how));
        }
        queued.forEach(Future::cancel);
        tick();
        release.countDown();
        first.await();
        runInExecutor(worker, () -> events.add("last")).await();
      });
      assertThat(events).containsExactly("last");
      assertThat(worker.strayInterrupts).hasValue(0);
    }
  }

  @Test
  void detachedCodeIsNotInterrupted() {
    run(() -> {
      CountDownLatch entered = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      LinkedBlockingQueue<String> end = new LinkedBlockingQueue<>();
      Future<?> future =
          runInExecutor(
              null,
              () -> {
                entered.countDown();
                release.await();
                end.add("interrupted: " + Thread.interrupted());
              },
              WhenCancelled.DETACH);
      entered.await();
      future.cancel();
      ticks(2);
      release.countDown();
      assertThat(end.take()).isEqualTo("interrupted: false");
    });
  }

  @Test
  void anInterruptThatTheBodyLeavesIsNotSeenByTheNextJob() throws Exception {
    try (BareWorker worker = new BareWorker()) {
      run(() -> {
        for (int round = 0; round < 500; round++) {
          CountDownLatch entered = new CountDownLatch(1);
          Future<?> future =
              runInExecutor(
                  worker,
                  () -> {
                    entered.countDown();
                    while (!Thread.currentThread().isInterrupted()) {
                      Thread.onSpinWait();
                    }
                  },
                  WhenCancelled.INTERRUPT);
          entered.await();
          future.cancel();
          Future<Boolean> next =
              runInExecutor(worker, () -> Thread.currentThread().isInterrupted());
          assertThat(next.await()).isFalse();
        }
      });
      assertThat(worker.strayInterrupts).hasValue(0);
    }
  }

  @Test
  void anInterruptThatRacesWithTheEndOfTheBodyIsNotSeenByTheNextJob() throws Exception {
    try (BareWorker worker = new BareWorker()) {
      run(() -> {
        for (int round = 0; round < 2_000; round++) {
          int spins = round % 100;
          CountDownLatch entered = new CountDownLatch(1);
          Future<?> future =
              runInExecutor(
                  worker,
                  () -> {
                    entered.countDown();
                    for (int i = 0; i < spins; i++) {
                      Thread.onSpinWait();
                    }
                  },
                  WhenCancelled.INTERRUPT);
          entered.await();
          future.cancel();
          Future<Boolean> next =
              runInExecutor(worker, () -> Thread.currentThread().isInterrupted());
          assertThat(next.await()).isFalse();
        }
      });
      assertThat(worker.strayInterrupts).hasValue(0);
    }
  }

  @Test
  void anInterruptOfSomebodyElseIsLeftAlone() throws Exception {
    try (BareWorker worker = new BareWorker()) {
      run(() ->
          runInExecutor(worker, () -> Thread.currentThread().interrupt(), WhenCancelled.INTERRUPT)
              .await());
      run(() -> runInExecutor(worker, () -> {}).await());
      assertThat(worker.strayInterrupts).hasValue(1);
    }
  }

  @Test
  void aCancellationJustBeforeTheLoopClosesInterruptsTheBody() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    try (ExecutorService pool = Executors.newSingleThreadExecutor();
        EventLoop loop = EventLoop.newEventLoop()) {
      loop.runUntilComplete(() -> {
        CountDownLatch entered = new CountDownLatch(1);
        Future<?> future =
            loop.runInExecutor(
                pool,
                () -> {
                  entered.countDown();
                  try {
                    Thread.sleep(LONG);
                  } finally {
                    ended.countDown();
                  }
                  return null;
                },
                WhenCancelled.INTERRUPT);
        entered.await();
        future.cancel();
        loop.stop();
      });
    }
    ended.await();
  }

  @Test
  void aJobExecutorIsToldWhatToDo() {
    record Jobs(List<Boolean> cancellations) implements JobExecutor {
      @Override
      public <T> CompletableFuture<T> submitJob(Callable<? extends T> job) {
        return new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterruptIfRunning) {
            cancellations.add(mayInterruptIfRunning);
            return super.cancel(mayInterruptIfRunning);
          }
        };
      }

      @Override
      public void execute(Runnable command) {
        throw new AssertionError("it is given jobs");
      }
    }
    Jobs jobs = new Jobs(new ArrayList<>());
    run(() -> {
      runInExecutor(jobs, () -> 1).cancel();
      runInExecutor(jobs, () -> 1, WhenCancelled.INTERRUPT).cancel();
      runInExecutor(jobs, () -> 1, WhenCancelled.DETACH).cancel();
      tick();
    });
    assertThat(jobs.cancellations).containsExactly(true, true, false);
  }
}
