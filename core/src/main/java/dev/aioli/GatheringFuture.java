package dev.aioli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code gather} returns: cancelling it cancels the children, and it ends when they have. */
final class GatheringFuture<T extends @Nullable Object> extends Future<List<T>> {
  private final List<Future<? extends T>> children;
  private boolean cancelRequested;

  GatheringFuture(EventLoop loop, List<Future<? extends T>> children) {
    super(loop);
    this.children = children;
  }

  @Override
  public boolean cancel(@Nullable String message) {
    if (done()) {
      return false;
    }
    boolean any = false;
    for (Future<?> child : children) {
      any |= child.cancel(message);
    }
    cancelRequested |= any;
    return any;
  }

  List<Future<? extends T>> children() {
    return children;
  }

  boolean cancelRequested() {
    return cancelRequested;
  }

  @Override
  void awaitRefused() {
    onDone(Future::markSeen);
  }
}
