package dev.aioli.process;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A job of a {@link ProcessPoolExecutor}, and its outcome.
 *
 * <p>Completing it from outside, by {@link #cancel}, {@code orTimeout} or {@code complete}, takes a
 * waiting job out of the queue and kills the worker of one that runs: nobody waits for it any more.
 * The worker is killed at once and for sure, whatever the job does; a fresh one takes its place.
 *
 * <p>Actions that depend on it ({@code thenApply}) run in the thread that serves the worker, unless
 * they are {@code ...Async}: keep them short.
 *
 * @param <T> the type of the job's result
 */
public final class JobFuture<T extends @Nullable Object> extends CompletableFuture<T> {
  private final String name;
  private final @Nullable ClassLoader loader;
  private final @Nullable T fixedResult;
  private volatile boolean mayFinish;

  // Guarded by this.
  private @Nullable Callable<?> call;
  private @Nullable Payload payload;
  private @Nullable WorkerProcess process;

  /**
   * A job that waits.
   *
   * @param call the job
   * @param subject the class that the caller wrote, whose loader knows the others
   * @param fixedResult the result to give in place of the job's; null for the job's
   */
  JobFuture(Callable<?> call, Class<?> subject, @Nullable T fixedResult, boolean mayFinish) {
    this.name = subject.getName();
    this.loader = subject.getClassLoader();
    this.fixedResult = fixedResult;
    this.mayFinish = mayFinish;
    this.call = call;
  }

  /**
   * Cancels the job. One that waits will not run. One that runs is killed with its worker, unless
   * {@code mayInterruptIfRunning} is false or the pool lets cancelled jobs finish.
   *
   * @return whether the job is cancelled; false if it was done
   */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    if (!mayInterruptIfRunning) {
      mayFinish = true;
    }
    return super.cancel(mayInterruptIfRunning);
  }

  // ---- for the pool

  /** Serializes the job, in the thread that submits it. False if that failed and so the job. */
  synchronized boolean serialize() {
    try {
      payload = Payload.of(call, "the job");
      return true;
    } catch (JobSerializationException e) {
      completeExceptionally(e);
      return false;
    }
  }

  synchronized Payload payload() {
    Payload present = payload;
    return present == null ? Payload.EMPTY : present;
  }

  /** What the pool hands back of a job that never started: runs it here. */
  synchronized Runnable unstarted() {
    return new Unstarted(call);
  }

  /** Binds the job to the process that runs it. False if the job is done already. */
  synchronized boolean attach(WorkerProcess runner) {
    if (isDone()) {
      return false;
    }
    process = runner;
    return true;
  }

  /** After this the process is safe from the cancellation of this job. */
  synchronized void detach() {
    process = null;
  }

  /** Somebody completed the future. If it was not the worker, the worker is not needed. */
  synchronized void completed() {
    call = null;
    payload = null;
    WorkerProcess runner = process;
    if (runner != null && !mayFinish) {
      runner.kill();
    }
  }

  /** Completes the future by what the worker sent. */
  @SuppressWarnings("unchecked") // what a Callable<T> gave
  void succeed(byte[] result) {
    T fixed = fixedResult;
    try {
      complete(fixed != null ? fixed : (T) Payload.read(result, "the result of " + name, loader));
    } catch (JobSerializationException e) {
      completeExceptionally(e);
    }
  }

  /** Completes the future by what the worker sent. */
  void fail(byte[] exception) {
    try {
      completeExceptionally(
          Payload.read(exception, "the exception of " + name, loader) instanceof Throwable thrown
              ? thrown
              : new JobSerializationException("the exception of " + name + " is none", null));
    } catch (JobSerializationException e) {
      completeExceptionally(e);
    }
  }

  /** A job that the pool gave back. */
  private record Unstarted(@Nullable Callable<?> call) implements Runnable {
    @Override
    public void run() {
      try {
        if (call != null) {
          call.call();
        }
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
