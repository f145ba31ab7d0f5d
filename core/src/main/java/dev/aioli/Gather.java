package dev.aioli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code asyncio.gather}: one future for the results of many. Waits for each child on behalf of
 * that one.
 */
final class Gather<T extends @Nullable Object> implements Consumer<Future<? extends T>>, AwaitEdge {
  private final GatheringFuture<T> outer;
  private final boolean returnExceptions;
  private int pending;

  private Gather(GatheringFuture<T> outer, boolean returnExceptions, int pending) {
    this.outer = outer;
    this.returnExceptions = returnExceptions;
    this.pending = pending;
  }

  /** The loop of these futures; if there are none, the running one. */
  static EventLoop loopOf(Collection<? extends Future<?>> futures) {
    return futures.isEmpty() ? EventLoop.getRunningLoop() : futures.iterator().next().getLoop();
  }

  /**
   * The future of the list of results, in the order of the arguments.
   *
   * @param returnExceptions whether exceptions stand in the list as results, so that its elements
   *     may be a Throwable where a T is expected
   */
  static <T extends @Nullable Object> Future<List<T>> of(
      EventLoop loop, Collection<? extends Future<? extends T>> futures, boolean returnExceptions) {
    List<Future<? extends T>> children = List.copyOf(futures);
    GatheringFuture<T> outer = new GatheringFuture<>(loop, children);
    if (children.isEmpty()) {
      outer.finishWithResult(new ArrayList<>());
      return outer;
    }
    Gather<T> gather = new Gather<>(outer, returnExceptions, children.size());
    List<Future<? extends T>> doneAlready = new ArrayList<>();
    for (Future<? extends T> child : children) {
      if (child.getLoop() != loop) {
        throw new IllegalArgumentException(
            "gather expects futures of one event loop: expected "
                + loop
                + ", found "
                + child.getLoop());
      }
      if (child.done()) {
        doneAlready.add(child);
      } else if (child.lastDoneCallback() == gather) {
        gather.pending--; // it was given before
      } else {
        child.onDone(gather);
      }
    }
    doneAlready.forEach(gather);
    return outer;
  }

  @Override
  public Collection<Future<?>> awaiters() {
    return List.of(outer);
  }

  /** A child is done. */
  @Override
  public void accept(Future<? extends T> child) {
    pending--;
    if (outer.done()) {
      if (!child.cancelled()) {
        child.exception(); // seen, so that nobody reports it as lost
      }
      return;
    }
    if (!returnExceptions) {
      Throwable failure = child.cancelled() ? child.makeCancelledError() : child.exception();
      if (failure != null) {
        outer.finishWithException(failure);
        return;
      }
    }
    if (pending > 0) {
      return;
    }
    if (outer.cancelRequested()) {
      outer.finishWithException(lastChild().makeCancelledError());
    } else {
      outer.finishWithResult(results());
    }
  }

  private Future<? extends T> lastChild() {
    return outer.children().getLast();
  }

  @SuppressWarnings("unchecked") // with returnExceptions the caller expects Throwables among the Ts
  private List<T> results() {
    List<Object> results = new ArrayList<>(outer.children().size());
    for (Future<? extends T> child : outer.children()) {
      if (child.cancelled()) {
        String message = child.cancelMessage;
        results.add(new CancelledError(message == null ? "" : message));
      } else {
        Throwable exception = child.exception();
        results.add(exception == null ? child.result() : exception);
      }
    }
    return (List<T>) results;
  }
}
