package dev.aioli.process;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A job of a {@link ProcessPoolExecutor}, and its outcome.
 *
 * <p>Completing it from outside, by {@link #cancel}, {@code orTimeout} or {@code complete}, takes a
 * waiting job out of the queue and kills the worker of one that runs: nobody waits for it any more.
 * The worker is killed at once and for sure, whatever the job does; a fresh one takes its place.
 *
 * <p>An exception of the job is what {@code get} has as the cause, whatever its type: as with
 * threads, a {@link CancellationException} that the job throws fails it and does not cancel it.
 *
 * <p>Actions that depend on it ({@code thenApply}) run in the thread that serves the worker, unless
 * they are {@code ...Async}: keep them short. There it is an {@link IllegalStateException} to wait
 * for another job that is not done or to close the pool, since the pool would wait for itself. What
 * follows on a job is a matter of {@code thenCompose}.
 *
 * @param <T> the type of the job's result
 */
public final class JobFuture<T extends @Nullable Object> extends PoolFuture<T> {
  /*
   * Who completes the future from outside stops the job first and completes it then. An action of
   * our own on the future would be late: CompletableFuture runs the actions of others before, and
   * those may block. So that the stop does not look like the death of a worker, what the worker
   * gives is dropped once somebody has begun to complete the future (`abandoned`).
   */

  private final String name;
  private final @Nullable ClassLoader loader;
  private final @Nullable T fixedResult;
  private volatile boolean mayFinish;
  private volatile boolean abandoned;

  // Guarded by this.
  private @Nullable Callable<?> call;
  private @Nullable Payload payload;
  private @Nullable WorkerProcess process;
  private boolean begun;

  /**
   * A job that waits.
   *
   * @param call the job
   * @param subject the class that the caller wrote, whose loader knows the others
   * @param fixedResult the result to give in place of the job's; null for the job's
   */
  JobFuture(Dispatcher dispatcher, Callable<?> call, Class<?> subject, @Nullable T fixedResult) {
    super(dispatcher);
    this.name = subject.getName();
    this.loader = subject.getClassLoader();
    this.fixedResult = fixedResult;
    this.mayFinish = dispatcher.settings().finishCancelledJobs();
    this.call = call;
  }

  // ---- completed from outside

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
    abandon();
    return super.cancel(mayInterruptIfRunning);
  }

  /** Gives the future a result and stops the job, as {@link #cancel} does. */
  @Override
  public boolean complete(T value) {
    abandon();
    return super.complete(value);
  }

  /** Gives the future an exception and stops the job, as {@link #cancel} does. */
  @Override
  public boolean completeExceptionally(Throwable exception) {
    Objects.requireNonNull(exception, "exception");
    abandon();
    return super.completeExceptionally(exception);
  }

  /** As {@link #complete} with what the supplier gives, once it does. */
  @Override
  public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
    Objects.requireNonNull(supplier, "supplier");
    executor.execute(() -> {
      try {
        complete(supplier.get());
      } catch (Throwable e) {
        completeExceptionally(new CompletionException(e));
      }
    });
    return this;
  }

  /** Sets the result, whatever it was; stops a job that is under way, as {@link #cancel} does. */
  @Override
  public void obtrudeValue(T value) {
    abandon();
    super.obtrudeValue(value);
  }

  /** Sets the exception, whatever it was; stops a job that is under way. */
  @Override
  public void obtrudeException(Throwable exception) {
    Objects.requireNonNull(exception, "exception");
    abandon();
    super.obtrudeException(exception);
  }

  private void abandon() {
    WorkerProcess runner;
    synchronized (this) {
      if (isDone() || abandoned) {
        return;
      }
      abandoned = true;
      runner = mayFinish ? null : process;
      call = null;
      payload = null;
    }
    if (runner != null) {
      runner.kill();
    }
    dispatcher.abandoned(this);
  }

  // ---- for the pool

  /** Serializes the job, in the thread that submits it. False if that failed and so the job. */
  boolean serialize() {
    try {
      Payload serialized = Payload.of(call, "the job");
      synchronized (this) {
        payload = serialized;
      }
      return true;
    } catch (JobSerializationException e) {
      super.completeExceptionally(e);
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

  /** Whether nobody needs the job any more. */
  boolean isOver() {
    return abandoned || isDone();
  }

  /** Whether a process had it, so that it may have been run. */
  synchronized boolean hasBegun() {
    return begun;
  }

  /** Binds the job to the process that is to run it. False if the job is over. */
  synchronized boolean attach(WorkerProcess runner) {
    if (isOver()) {
      return false;
    }
    process = runner;
    begun = true;
    return true;
  }

  /** After this the process is safe from the cancellation of this job. */
  synchronized void detach() {
    process = null;
  }

  /** The job goes to another process: this one did not have the whole of it. */
  synchronized void detachUnarrived() {
    process = null;
    begun = false;
  }

  /** Completes the future by what the worker sent. */
  @SuppressWarnings("unchecked") // what a Callable<T> gave
  void succeed(byte[] result) {
    T fixed = fixedResult;
    T value;
    try {
      value = fixed != null ? fixed : (T) Payload.read(result, "the result of " + name, loader);
    } catch (JobSerializationException e) {
      fail(e);
      return;
    }
    if (end()) {
      super.complete(value);
    }
  }

  /** Completes the future by what the worker sent. */
  void fail(byte[] exception) {
    fail(read(exception));
  }

  private Throwable read(byte[] exception) {
    try {
      Object read = Payload.read(exception, "the exception of " + name, loader);
      if (!(read instanceof Throwable thrown)) {
        return new JobSerializationException("the exception of " + name + " is none", null);
      }
      if (SafeText.hasText(thrown)) {
        // As with threads it is the job that failed, and not the future that was cancelled.
        return thrown instanceof CancellationException || thrown instanceof CompletionException
            ? new CompletionException(thrown)
            : thrown;
      }
      // The exceptions that the JDK puts around one take its text, and so would fail as well.
      JobSerializationException instead =
          new JobSerializationException(
              "the exception of " + name + " cannot be told: " + SafeText.of(thrown), null);
      instead.setStackTrace(thrown.getStackTrace());
      return instead;
    } catch (JobSerializationException e) {
      return e;
    }
  }

  /** The job fails, by itself or since its worker does. */
  void fail(Throwable reason) {
    if (end()) {
      super.completeExceptionally(reason);
    }
  }

  /** The worker is done with the job; false if somebody else has its future. */
  private boolean end() {
    synchronized (this) {
      process = null;
      call = null;
      payload = null;
    }
    dispatcher.ended(this);
    return !abandoned;
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
