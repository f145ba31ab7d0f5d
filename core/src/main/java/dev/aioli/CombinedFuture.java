package dev.aioli;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * A future that a combinator finishes when others are done. It knows them, so that a {@linkplain
 * AwaitCycle circle} through it is found.
 */
final class CombinedFuture<T extends @Nullable Object> extends Future<T> {
  private final Collection<? extends Future<?>> others;
  private final boolean needsAll;

  private CombinedFuture(EventLoop loop, Collection<? extends Future<?>> others, boolean needsAll) {
    super(loop);
    this.others = others;
    this.needsAll = needsAll;
  }

  /** One that is not done before all of these are. The collection may change. */
  static <T extends @Nullable Object> CombinedFuture<T> ofAll(
      EventLoop loop, Collection<? extends Future<?>> others) {
    return new CombinedFuture<>(loop, others, true);
  }

  /** One that may be done as soon as one of these is. The collection may change. */
  static <T extends @Nullable Object> CombinedFuture<T> ofAny(
      EventLoop loop, Collection<? extends Future<?>> others) {
    return new CombinedFuture<>(loop, others, false);
  }

  Collection<? extends Future<?>> others() {
    return others;
  }

  boolean needsAll() {
    return needsAll;
  }

  @Override
  void awaitRefused() {
    onDone(Future::markSeen);
  }
}
