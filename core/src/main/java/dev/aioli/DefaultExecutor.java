package dev.aioli;

import dev.aioli.lowlevel.JobExecutor;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A loop's way to run blocking code in threads, and its executor for those who name none. */
final class DefaultExecutor {
  private static final System.Logger LOG = System.getLogger("dev.aioli");
  private static final int MAX_THREADS =
      Math.min(32, Runtime.getRuntime().availableProcessors() + 4);
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final EventLoop loop;
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final Set<Thread> busy = ConcurrentHashMap.newKeySet();
  private final AtomicInteger threadsCreated = new AtomicInteger();
  private @Nullable ExecutorService executor;
  private boolean shutDown;

  DefaultExecutor(EventLoop loop) {
    this.loop = loop;
  }

  /**
   * Runs the body in the executor, or in the default one, and gives its outcome to the future.
   *
   * @param how what a cancellation does; null for what is usual with the executor
   */
  <T extends @Nullable Object> Future<T> run(
      @Nullable Executor chosen, Callable<? extends T> body, @Nullable WhenCancelled how) {
    Executor target = chosen == null ? obtain() : chosen;
    return target instanceof JobExecutor jobs
        ? runJob(jobs, body, how != WhenCancelled.DETACH)
        : runWork(target, body, how == null ? WhenCancelled.DETACH : how);
  }

  private <T extends @Nullable Object> Future<T> runWork(
      Executor target, Callable<? extends T> body, WhenCancelled how) {
    Future<T> future = loop.createFuture();
    ExecutorWork<T> work =
        new ExecutorWork<>(
            body, (result, thrown) -> loop.postOutcome(() -> deliver(future, result, thrown)));
    target.execute(target.equals(executor) ? () -> runTracked(work) : work);
    loop.outside().begin(); // not if that refused
    future.addDoneCallback(new OnDone<>(loop, () -> work.cancel(how)));
    return future;
  }

  private void runTracked(Runnable work) {
    Thread thread = Thread.currentThread();
    busy.add(thread);
    try {
      work.run();
    } finally {
      busy.remove(thread);
    }
  }

  /** Whether the thread runs work of this executor now, for which a shutdown waits. */
  boolean runsIn(Thread thread) {
    return busy.contains(thread);
  }

  /** The executor gets the job itself, and is told when nobody wants it any more. */
  private <T extends @Nullable Object> Future<T> runJob(
      JobExecutor jobs, Callable<? extends T> body, boolean stopWhenCancelled) {
    Future<T> future = loop.createFuture();
    CompletableFuture<T> job = jobs.submitJob(body);
    loop.outside().begin();
    future.addDoneCallback(new OnDone<>(loop, () -> job.cancel(stopWhenCancelled)));
    var _ = job.whenComplete((result, error) -> loop.postOutcome(() -> deliver(job, future)));
    return future;
  }

  /** Passes a cancellation on, be it that the loop closes before the callback's turn. */
  private record OnDone<T extends @Nullable Object>(EventLoop loop, Runnable cancel)
      implements Consumer<Future<T>>, Future.EvenWhenClosed {
    @Override
    public void accept(Future<T> done) {
      loop.outside().end();
      if (done.cancelled()) {
        cancel.run();
      }
    }
  }

  @SuppressWarnings("NullAway") // without an exception the result is the body's, of type T
  private static <T extends @Nullable Object> void deliver(
      Future<T> future, @Nullable T result, @Nullable Throwable thrown) {
    if (future.done()) {
      return;
    }
    if (thrown == null) {
      future.setResult(result);
    } else {
      future.setException(thrown);
    }
  }

  private static <T extends @Nullable Object> void deliver(
      CompletableFuture<T> job, Future<T> future) {
    if (future.done()) {
      return;
    }
    switch (job.state()) {
      case SUCCESS -> future.setResult(job.resultNow());
      case CANCELLED -> future.cancel();
      default -> future.setException(job.exceptionNow());
    }
  }

  void replace(ExecutorService replacement) {
    if (replacement instanceof JobExecutor) {
      throw new IllegalArgumentException(
          "expected an executor that runs its calls in threads of this JVM, was "
              + replacement
              + "; name it in runInExecutor instead");
    }
    executor = replacement;
  }

  @Suspends
  void shutdown(Duration timeout) {
    shutDown = true;
    ExecutorService stopping = executor;
    if (stopping == null) {
      return;
    }
    executor = null;
    stopping.shutdown();
    Future<Boolean> ended =
        run(
            task -> Thread.ofVirtual().name("aioli-executor-shutdown").start(task),
            () -> stopping.awaitTermination(Nanos.of(timeout), TimeUnit.NANOSECONDS),
            WhenCancelled.INTERRUPT);
    if (!ended.await()) {
      LOG.log(
          Level.WARNING,
          "The default executor did not end its threads within {0}; left behind:{1}",
          timeout,
          describeBusyThreads());
    }
  }

  /** Refuses new work; what was accepted still runs, but nobody waits for it. */
  void shutdownWithoutWaiting() {
    shutDown = true;
    if (executor != null) {
      executor.shutdown();
      executor = null;
    }
  }

  boolean isInUse() {
    return executor != null;
  }

  private ExecutorService obtain() {
    if (shutDown) {
      throw new IllegalStateException("the default executor of " + loop + " has been shut down");
    }
    ExecutorService present = executor;
    if (present == null) {
      ThreadPoolExecutor pool =
          new ThreadPoolExecutor(
              MAX_THREADS,
              MAX_THREADS,
              IDLE.toSeconds(),
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              this::newThread);
      pool.allowCoreThreadTimeOut(true);
      executor = pool;
      present = pool;
    }
    return present;
  }

  /** A daemon, so that one that is stuck does not keep the JVM from ending. */
  private Thread newThread(Runnable body) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("aioli-executor-" + threadsCreated.getAndIncrement())
            .unstarted(body);
    threads.removeIf(other -> other.getState() == Thread.State.TERMINATED);
    threads.add(thread);
    return thread;
  }

  private String describeBusyThreads() {
    return threads.stream()
        .filter(Thread::isAlive)
        .map(thread ->
            "\n"
                + thread.getName()
                + Arrays.stream(thread.getStackTrace())
                    .map(frame -> "\n    at " + frame)
                    .collect(Collectors.joining()))
        .collect(Collectors.joining());
  }
}
