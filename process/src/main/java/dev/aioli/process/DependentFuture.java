package dev.aioli.process;

import org.jspecify.annotations.Nullable;

/** What follows on jobs of a pool. */
final class DependentFuture<T extends @Nullable Object> extends PoolFuture<T> {
  DependentFuture(Dispatcher dispatcher) {
    super(dispatcher);
  }
}
