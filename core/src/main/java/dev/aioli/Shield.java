package dev.aioli;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code asyncio.shield}: a future that can be cancelled without cancelling the one behind it. */
final class Shield {
  private Shield() {}

  static <T extends @Nullable Object> Future<T> of(Future<T> inner) {
    if (inner.done()) {
      return inner;
    }
    Future<T> outer = CombinedFuture.ofAll(inner.getLoop(), List.of(inner));
    Consumer<Future<T>> innerDone = new InnerDone<>(outer);
    inner.onDone(innerDone);
    outer.onDone(done -> {
      if (!inner.done()) {
        inner.removeDoneCallback(innerDone);
      }
    });
    return outer;
  }

  /** Waits for the inner future on behalf of the outer one. */
  private record InnerDone<T extends @Nullable Object>(Future<T> outer)
      implements Consumer<Future<T>>, AwaitEdge {
    @Override
    public void accept(Future<T> inner) {
      copyOutcome(inner, outer);
    }

    @Override
    public Collection<Future<?>> awaiters() {
      return List.of(outer);
    }
  }

  private static <T extends @Nullable Object> void copyOutcome(Future<T> inner, Future<T> outer) {
    if (outer.cancelled()) {
      if (!inner.cancelled()) {
        inner.exception(); // seen, so that nobody reports it as lost
      }
    } else if (inner.cancelled()) {
      outer.cancel();
    } else {
      Throwable exception = inner.exception();
      if (exception == null) {
        outer.setResult(inner.result());
      } else {
        outer.setException(exception);
      }
    }
  }
}
