package dev.aioli;

import dev.aioli.queue.Queue;
import dev.aioli.queue.QueueShutDownException;
import java.lang.ref.WeakReference;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * The items of a publisher, for a task: iterating suspends until the next one is there. Made by
 * {@link Flows#subscribe}; go through it once, and close it if you may leave early.
 *
 * <p>Cancellation: of a waiting task loses no item.
 *
 * <p>An error of the publisher is thrown after the items before it. A publisher that breaks the
 * rules of {@link java.util.concurrent.Flow} counts as one with an error, and its subscription is
 * cancelled: if it sends null, or more items than it was asked for, or if {@code request} throws. A
 * subscription that is open when the loop closes is cancelled.
 */
public final class FlowSource<T> implements Iterable<T>, AutoCloseable {
  private final EventLoop loop;
  private final int bufferSize;
  private final WaitingOutside.Entry whenLoopCloses = new WhenLoopCloses(new WeakReference<>(this));

  // In the turn only.

  /** What has arrived; shut down when nothing more will. */
  private final Queue<T> items = new Queue<>(Queue.UNBOUNDED);

  private @Nullable Subscription subscription;

  /** How many items have been asked for and have not arrived. */
  private long wanted;

  private boolean ended;
  private @Nullable Throwable error;
  private @Nullable T next;
  private boolean closed;

  FlowSource(EventLoop loop, int bufferSize) {
    this.loop = loop;
    this.bufferSize = bufferSize;
    wanted = bufferSize; // so that a publisher may be too early with these
  }

  /** Its methods come from any thread, one after the other; all go through the loop's inbox. */
  Subscriber<T> subscriber() {
    return new Subscriber<>() {
      @Override
      public void onSubscribe(Subscription given) {
        require(given, "subscription");
        try {
          loop.callSoonThreadsafe(() -> subscribed(given));
        } catch (IllegalStateException loopClosed) {
          given.cancel();
        }
      }

      @Override
      public void onNext(T item) {
        require(item, "item");
        loop.postUnlessClosed(() -> arrived(item));
      }

      @Override
      public void onError(Throwable thrown) {
        require(thrown, "error");
        loop.postUnlessClosed(() -> end(thrown));
      }

      @Override
      public void onComplete() {
        loop.postUnlessClosed(() -> end(null));
      }

      // Rule 2.13 of Reactive Streams; and whoever iterates must not wait for ever.
      private void require(@Nullable Object given, String what) {
        if (given == null) {
          var refused = new NullPointerException("a publisher must not give null as " + what);
          loop.postUnlessClosed(() -> fail(refused));
          throw refused;
        }
      }
    };
  }

  private void subscribed(Subscription given) {
    if (ended || subscription != null) {
      given.cancel();
      return;
    }
    subscription = given;
    loop.waitingOutside().add(whenLoopCloses);
    request(given, bufferSize);
  }

  private void request(Subscription from, long count) {
    try {
      from.request(count);
    } catch (KeyboardInterrupt | SystemExit e) {
      throw e;
    } catch (Throwable e) {
      fail(e);
    }
  }

  private void arrived(T item) {
    if (ended) {
      return;
    }
    if (wanted == 0) {
      fail(
          new IllegalStateException(
              "the publisher has sent more items than the "
                  + bufferSize
                  + " that it was asked for and that have not been used"));
      return;
    }
    wanted--;
    items.putNowait(item);
  }

  private void fail(Throwable thrown) {
    if (!ended) {
      cancelSubscription();
      end(thrown);
    }
  }

  /** Nothing more will arrive. */
  private void end(@Nullable Throwable thrown) {
    if (ended) {
      return;
    }
    ended = true;
    error = thrown;
    loop.waitingOutside().remove(whenLoopCloses);
    items.shutdown(false);
  }

  /** Does not keep a source whose publisher and reader are gone. */
  private record WhenLoopCloses(WeakReference<FlowSource<?>> source)
      implements WaitingOutside.Entry {
    @Override
    public void loopCloses() {
      FlowSource<?> present = source.get();
      if (present != null) {
        present.cancelSubscription();
      }
    }

    @Override
    public boolean isOver() {
      return source.refersTo(null);
    }
  }

  private void cancelSubscription() {
    Subscription open = subscription;
    if (open == null) {
      return;
    }
    try {
      open.cancel();
    } catch (KeyboardInterrupt | SystemExit e) {
      throw e;
    } catch (Throwable e) {
      loop.callExceptionHandler(ExceptionContext.of("cancel() of a publisher has thrown", e));
    }
  }

  /**
   * {@code hasNext} suspends until there is an item, or the end. Both methods throw an {@link
   * IllegalStateException} when this is closed, be it while they wait.
   */
  @Override
  public Iterator<T> iterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return peek() != null;
      }

      @Override
      public T next() {
        T item = peek();
        if (item == null) {
          throw new NoSuchElementException("the publisher has completed");
        }
        next = null;
        if (subscription != null && !ended) {
          wanted++;
          request(subscription, 1);
        }
        return item;
      }
    };
  }

  /** The next item; null after the last. */
  private @Nullable T peek() {
    checkOpen();
    if (next == null) {
      try {
        next = items.get();
      } catch (QueueShutDownException e) {
        checkOpen();
        if (error != null) {
          throw Future.unchecked(error);
        }
      }
    }
    return next;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this source is closed: nothing more will arrive");
    }
  }

  /** Cancels the subscription, unless it has ended. Idempotent. In the loop's turn. */
  @Override
  public void close() {
    loop.checkTurn();
    if (closed) {
      return;
    }
    closed = true;
    next = null;
    if (!ended) {
      cancelSubscription();
      end(null);
    }
    items.shutdown(true);
  }
}
