package dev.aioli;

import dev.aioli.queue.Queue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The futures given to {@link Asyncio#asCompleted}, one after the other as they get done. Iterating
 * suspends until the next one is. It can be gone through once, in one loop or several.
 *
 * <p>Iterate over this to get the futures themselves (asyncio's {@code async for}), or over {@link
 * #results} to get what they give or throw (asyncio's plain {@code for}).
 *
 * @param <T> the type of the results
 */
public final class AsCompleted<T extends @Nullable Object> implements Iterable<Future<T>> {
  /** What the queue holds for each future that was not done in time. */
  private static final Object TIMED_OUT = "timed out";

  private final Set<Future<T>> pending;
  private final Queue<Object> done = new Queue<>(Queue.UNBOUNDED);
  private final Consumer<Future<T>> completed = this::completed;
  private final @Nullable TimerHandle timer;
  private final EventLoop loop;

  /** For the task that waits for the next one; further ones wait in the queue itself. */
  private @Nullable Future<@Nullable Void> nextDone;

  private int left;

  AsCompleted(EventLoop loop, Collection<? extends Future<T>> futures, @Nullable Duration timeout) {
    this.loop = loop;
    pending = new LinkedHashSet<>(futures);
    left = pending.size();
    pending.forEach(future -> future.onDone(completed));
    timer = pending.isEmpty() || timeout == null ? null : loop.timer(timeout, this::timedOut);
  }

  private void completed(Future<T> future) {
    if (pending.remove(future)) {
      done.putNowait(future);
      if (nextDone != null && !nextDone.done()) {
        nextDone.setResult(null);
      }
      if (pending.isEmpty() && timer != null) {
        timer.cancel();
      }
    }
  }

  private void timedOut() {
    for (Future<T> future : new ArrayList<>(pending)) {
      future.removeDoneCallback(completed);
      done.putNowait(TIMED_OUT);
    }
    pending.clear();
  }

  /**
   * The futures in the order in which they get done. {@code next} suspends until there is one; it
   * throws a {@link TimeoutException} for each that was not done in time. Within a task only.
   *
   * <p>Cancellation: ends the wait of {@code next}; the futures go on. As in asyncio the iteration
   * counts that as one future given, so that it ends one earlier.
   */
  @Override
  public Iterator<Future<T>> iterator() {
    return new Completions<>(future -> future);
  }

  /**
   * The same futures' results; {@code next} suspends and throws what {@link Future#result} throws.
   */
  public Iterable<T> results() {
    return () -> new Completions<>(Future::result);
  }

  /** Waits by a future that knows for what, unless there is a limit, with which the wait ends. */
  private void awaitNext() {
    if (!done.empty() || timer != null || nextDone != null) {
      return;
    }
    Future<@Nullable Void> waiter = CombinedFuture.ofAny(loop, pending);
    nextDone = waiter;
    try {
      waiter.await();
    } finally {
      nextDone = null;
    }
  }

  private final class Completions<R extends @Nullable Object> implements Iterator<R> {
    private final Function<Future<T>, R> give;

    Completions(Function<Future<T>, R> give) {
      this.give = give;
    }

    @Override
    public boolean hasNext() {
      return left > 0;
    }

    @Override
    @SuppressWarnings("unchecked") // the futures in the queue are ours
    public R next() {
      if (left == 0) {
        throw new NoSuchElementException("all futures have been seen");
      }
      left--;
      awaitNext();
      if (done.get() instanceof Future<?> next) {
        return give.apply((Future<T>) next);
      }
      throw new TimeoutException("a future was not done within the time limit");
    }
  }
}
