package dev.aioli;

import dev.aioli.queue.Queue;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * The items of a publisher, for a task: iterating suspends until the next one is there. Made by
 * {@link Flows#subscribe}; go through it once, and close it if you may leave early.
 *
 * <p>Cancellation: of a waiting task loses no item. An error of the publisher is thrown after the
 * items before it.
 */
public final class FlowSource<T> implements Iterable<T>, AutoCloseable {
  private final EventLoop loop;
  private final int bufferSize;
  private final Queue<Signal<T>> signals = new Queue<>(Queue.UNBOUNDED);
  private @Nullable Subscription subscription;
  private @Nullable Signal<T> next;
  private boolean closed;

  private sealed interface Signal<T> {
    record Item<T>(T value) implements Signal<T> {}

    record End<T>(@Nullable Throwable error) implements Signal<T> {}
  }

  FlowSource(EventLoop loop, int bufferSize) {
    this.loop = loop;
    this.bufferSize = bufferSize;
  }

  /** Its methods come from any thread, one after the other; all go through the loop's inbox. */
  Subscriber<T> subscriber() {
    return new Subscriber<>() {
      @Override
      public void onSubscribe(Subscription given) {
        loop.callSoonThreadsafe(() -> subscribed(given));
      }

      @Override
      public void onNext(T item) {
        Flows.requireItem(item);
        loop.postUnlessClosed(() -> signals.putNowait(new Signal.Item<>(item)));
      }

      @Override
      public void onError(Throwable error) {
        loop.postUnlessClosed(() -> signals.putNowait(new Signal.End<>(error)));
      }

      @Override
      public void onComplete() {
        loop.postUnlessClosed(() -> signals.putNowait(new Signal.End<>(null)));
      }
    };
  }

  private void subscribed(Subscription given) {
    if (closed || subscription != null) {
      given.cancel();
      return;
    }
    subscription = given;
    given.request(bufferSize);
  }

  /** {@code hasNext} suspends until there is an item, or the end. */
  @Override
  public Iterator<T> iterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return peek() instanceof Signal.Item<T>;
      }

      @Override
      public T next() {
        if (peek() instanceof Signal.Item<T>(T value)) {
          next = null;
          if (subscription != null) {
            subscription.request(1);
          }
          return value;
        }
        throw new NoSuchElementException("the publisher has completed");
      }
    };
  }

  private Signal<T> peek() {
    Signal<T> known = next;
    if (known == null) {
      known = signals.get();
      next = known;
    }
    if (known instanceof Signal.End<T>(Throwable error) && error != null) {
      throw Future.unchecked(error);
    }
    return known;
  }

  /** Cancels the subscription. Idempotent. In the loop's turn. */
  @Override
  public void close() {
    loop.checkTurn();
    if (!closed) {
      closed = true;
      if (subscription != null) {
        subscription.cancel();
      }
    }
  }
}
