package dev.aioli.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What follows on jobs of a pool. A thread of the pool may not wait for it. */
final class DependentFuture<T extends @Nullable Object> extends CompletableFuture<T> {
  private final Dispatcher dispatcher;

  DependentFuture(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    dispatcher.checkMayWaitFor(this);
    return super.get();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    dispatcher.checkMayWaitFor(this);
    return super.get(timeout, unit);
  }

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
