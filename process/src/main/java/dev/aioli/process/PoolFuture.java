package dev.aioli.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A future of a pool's: a job, or what follows on jobs. A thread of the pool may not wait for it.
 */
abstract sealed class PoolFuture<T extends @Nullable Object> extends CompletableFuture<T>
    permits JobFuture, DependentFuture {
  final Dispatcher dispatcher;

  PoolFuture(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  /**
   * Waits for the outcome.
   *
   * @throws IllegalStateException in an action that runs in a thread of the pool, if this is not
   *     done: the pool would wait for itself
   */
  @Override
  public T get() throws InterruptedException, ExecutionException {
    dispatcher.checkMayWaitFor(this);
    return super.get();
  }

  /** As {@link #get()}, for a limited time. */
  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    dispatcher.checkMayWaitFor(this);
    return super.get(timeout, unit);
  }

  /** As {@link #get()}, with an exception of the job's in a {@link CompletionException}. */
  @Override
  public T join() {
    dispatcher.checkMayWaitFor(this);
    return super.join();
  }

  @Override
  public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
    return new DependentFuture<>(dispatcher);
  }
}
