package dev.aioli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Asyncio#await} returns: the futures that are done and those that are not, each in the
 * order of the arguments, without duplicates.
 */
public record Waiting<F extends Future<?>>(List<F> done, List<F> pending) {
  /** Copies the lists. */
  public Waiting {
    done = List.copyOf(done);
    pending = List.copyOf(pending);
  }

  @Suspends
  static <F extends Future<?>> Waiting<F> until(
      EventLoop loop,
      Collection<? extends F> futures,
      @Nullable Duration timeout,
      ReturnWhen returnWhen) {
    Objects.requireNonNull(returnWhen, "returnWhen");
    Set<F> distinct = new LinkedHashSet<>(futures);
    if (distinct.isEmpty()) {
      throw new IllegalArgumentException("await expects at least one future, found none");
    }
    Future<@Nullable Void> waiter = newWaiter(loop, distinct, timeout, returnWhen);
    TimerHandle timer = timeout == null ? null : loop.timer(timeout, () -> release(waiter));
    CountDown countDown = new CountDown(waiter, timer, returnWhen, distinct.size());
    distinct.forEach(future -> future.onDone(countDown));
    try {
      waiter.await();
    } finally {
      if (timer != null) {
        timer.cancel();
      }
      distinct.forEach(future -> future.removeDoneCallback(countDown));
    }
    List<F> done = new ArrayList<>();
    List<F> pending = new ArrayList<>();
    distinct.forEach(future -> (future.done() ? done : pending).add(future));
    return new Waiting<>(done, pending);
  }

  private static Future<@Nullable Void> newWaiter(
      EventLoop loop,
      Set<? extends Future<?>> futures,
      @Nullable Duration timeout,
      ReturnWhen returnWhen) {
    if (timeout != null) {
      return loop.createFuture(); // it ends in any case
    }
    return returnWhen == ReturnWhen.ALL_COMPLETED
        ? CombinedFuture.ofAll(loop, futures)
        : CombinedFuture.ofAny(loop, futures);
  }

  /** Waits for one future after the other on behalf of the waiter. */
  private static final class CountDown implements Consumer<Future<?>>, AwaitEdge {
    private final Future<@Nullable Void> waiter;
    private final @Nullable TimerHandle timer;
    private final ReturnWhen returnWhen;
    private int pending;

    CountDown(
        Future<@Nullable Void> waiter,
        @Nullable TimerHandle timer,
        ReturnWhen returnWhen,
        int pending) {
      this.waiter = waiter;
      this.timer = timer;
      this.returnWhen = returnWhen;
      this.pending = pending;
    }

    @Override
    public void accept(Future<?> future) {
      pending--;
      if (pending <= 0 || returnWhen.endsWith(future)) {
        if (timer != null) {
          timer.cancel();
        }
        release(waiter);
      }
    }

    @Override
    public Collection<Future<?>> awaiters() {
      return List.of(waiter);
    }
  }

  /** Cancels a future and waits until it is done, which a cancellation of the caller cuts short. */
  @Suspends
  static void cancelAndWait(EventLoop loop, Future<?> future) {
    Future<@Nullable Void> waiter = loop.createFuture();
    CountDown countDown = new CountDown(waiter, null, ReturnWhen.ALL_COMPLETED, 1);
    future.onDone(countDown);
    try {
      future.cancel();
      waiter.await();
    } finally {
      future.removeDoneCallback(countDown);
    }
  }

  private static void release(Future<@Nullable Void> waiter) {
    if (!waiter.done()) {
      waiter.setResult(null);
    }
  }
}
