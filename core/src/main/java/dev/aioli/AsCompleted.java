package dev.aioli;

import dev.aioli.queue.Queue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.NoSuchElementException;
import java.util.Objects;
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
  private record TimedOut(Future<?> future) {}

  private final Set<Future<T>> pending;
  private final Queue<Object> done = new Queue<>(Queue.UNBOUNDED);
  private final Consumer<Future<T>> completed = new Completed();

  /** The tasks that wait for the next one. */
  private final Set<Task<?>> waiting = new LinkedHashSet<>();

  private final EventLoop loop;
  private final @Nullable TimerHandle timer;
  private final @Nullable Duration timeout;
  private int left;

  AsCompleted(EventLoop loop, Collection<? extends Future<T>> futures, @Nullable Duration timeout) {
    this.loop = loop;
    this.timeout = timeout;
    pending = new LinkedHashSet<>(futures);
    left = pending.size();
    pending.forEach(future -> future.onDone(completed));
    timer = pending.isEmpty() || timeout == null ? null : loop.timer(timeout, this::timedOut);
  }

  /** Waits for each future on behalf of those who wait for the next one. */
  private final class Completed implements Consumer<Future<T>>, AwaitEdge {
    @Override
    public void accept(Future<T> future) {
      completed(future);
    }

    @Override
    public Collection<Task<?>> awaiters() {
      return waiting;
    }
  }

  private void completed(Future<T> future) {
    if (pending.remove(future)) {
      done.putNowait(future);
      if (pending.isEmpty() && timer != null) {
        timer.cancel();
      }
    }
  }

  private void timedOut() {
    for (Future<T> future : new ArrayList<>(pending)) {
      future.removeDoneCallback(completed);
      done.putNowait(new TimedOut(future));
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

  private Object nextDone() {
    Task<?> task = loop.currentTask();
    if (task == null || !done.empty()) {
      return done.get();
    }
    if (timer == null) { // with a limit the wait ends, whatever waits for what
      Future<?> anyOfThem = CombinedFuture.ofAny(loop, pending);
      AwaitCycle.check(task, anyOfThem);
      loop.awaitedThroughQueues().put(task, anyOfThem);
    }
    waiting.add(task);
    try {
      return done.get();
    } finally {
      waiting.remove(task);
      loop.awaitedThroughQueues().remove(task);
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
      Object next = nextDone();
      if (next instanceof TimedOut(Future<?> late)) {
        throw TimeoutException.of(Objects.requireNonNull(timeout), Place.ofPending(late), null);
      }
      return give.apply((Future<T>) next);
    }
  }
}
