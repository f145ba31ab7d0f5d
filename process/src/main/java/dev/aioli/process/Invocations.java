package dev.aioli.process;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Several jobs at once, as {@link java.util.concurrent.ExecutorService} defines it. */
final class Invocations {
  private Invocations() {}

  static <T> List<Future<T>> all(
      ProcessPoolExecutor pool, Collection<? extends Callable<T>> jobs, @Nullable Long limitNanos)
      throws InterruptedException {
    long start = System.nanoTime();
    List<JobFuture<T>> futures = new ArrayList<>();
    try {
      for (Callable<T> job : jobs) {
        futures.add(pool.submit(job));
      }
      for (JobFuture<T> future : futures) {
        if (!awaitEnd(future, start, limitNanos)) {
          break;
        }
      }
    } finally {
      cancel(futures); // those that are not done
    }
    return List.copyOf(futures);
  }

  private static boolean awaitEnd(Future<?> future, long start, @Nullable Long limitNanos)
      throws InterruptedException {
    try {
      if (limitNanos == null) {
        future.get();
      } else {
        future.get(limitNanos - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
      }
      return true;
    } catch (ExecutionException | CancellationException e) {
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  static <T> T any(
      ProcessPoolExecutor pool, Collection<? extends Callable<T>> jobs, @Nullable Long limitNanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (jobs.isEmpty()) {
      throw new IllegalArgumentException("expected at least one job");
    }
    long start = System.nanoTime();
    List<JobFuture<T>> futures = new ArrayList<>();
    BlockingQueue<JobFuture<T>> done = new LinkedBlockingQueue<>();
    try {
      for (Callable<T> job : jobs) {
        JobFuture<T> future = pool.submit(job);
        futures.add(future);
        var _ = future.whenComplete((result, error) -> done.add(future));
      }
      for (int left = futures.size(); ; left--) {
        JobFuture<T> next =
            limitNanos == null
                ? done.take()
                : done.poll(limitNanos - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
        if (next == null) {
          throw new TimeoutException();
        }
        if (left == 1 || next.state() == Future.State.SUCCESS) {
          return next.get();
        }
      }
    } finally {
      cancel(futures);
    }
  }

  /** The results of all; the first failure, or the cancellation of the whole, cancels the rest. */
  static <R extends @Nullable Object> CompletableFuture<List<R>> join(
      List<JobFuture<List<R>>> chunks, CompletableFuture<List<R>> whole) {
    var _ =
        whole.whenComplete((results, error) -> {
          if (error != null) {
            cancel(chunks);
          }
        });
    for (JobFuture<List<R>> chunk : chunks) {
      var _ =
          chunk.whenComplete((results, error) -> {
            if (error != null) {
              whole.completeExceptionally(error);
            }
          });
    }
    var _ =
        CompletableFuture.allOf(chunks.toArray(CompletableFuture[]::new))
            .thenRun(() -> {
              List<R> results = new ArrayList<>();
              chunks.forEach(chunk -> results.addAll(chunk.resultNow()));
              whole.complete(results);
            });
    return whole;
  }

  private static void cancel(Collection<? extends Future<?>> futures) {
    futures.forEach(future -> future.cancel(true));
  }
}
