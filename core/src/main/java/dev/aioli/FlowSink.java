package dev.aioli;

import dev.aioli.sync.Semaphore;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** Where the body of a {@link Flows#publisher} puts its items. */
public final class FlowSink<T> {
  private final EventLoop loop;
  private final Subscriber<? super T> subscriber;

  /** One permit for each item asked for; more than these count as endless. */
  private final Semaphore demand = new Semaphore(0);

  private boolean endless;
  private boolean cancelled;
  private @Nullable Task<?> task;

  private FlowSink(EventLoop loop, Subscriber<? super T> subscriber) {
    this.loop = loop;
    this.subscriber = subscriber;
  }

  static <T, X extends Exception> void start(
      EventLoop loop, Subscriber<? super T> subscriber, Block.ActionIn<FlowSink<T>, X> body) {
    FlowSink<T> sink = new FlowSink<>(loop, subscriber);
    loop.callSoonThreadsafe(() -> sink.begin(body));
  }

  private <X extends Exception> void begin(Block.ActionIn<FlowSink<T>, X> body) {
    subscriber.onSubscribe(
        new Subscription() {
          @Override
          public void request(long count) {
            loop.postUnlessClosed(() -> requested(count));
          }

          @Override
          public void cancel() {
            loop.postUnlessClosed(FlowSink.this::cancel);
          }
        });
    Task<@Nullable Void> producer =
        loop.createTask(() -> {
          body.run(this);
        });
    task = producer;
    producer.addDoneCallback(this::finished);
  }

  /**
   * Publishes an item, waiting until the subscriber has asked for it.
   *
   * <p>Cancellation: the item is not published. It also comes when the subscriber cancels.
   */
  @Suspends
  public void emit(T item) {
    Flows.requireItem(item);
    if (!endless) {
      demand.acquire();
    }
    subscriber.onNext(item);
  }

  private void requested(long count) {
    if (count <= 0) {
      cancel();
      subscriber.onError(
          new IllegalArgumentException("expected a request for at least 1 item, was " + count));
    } else if (count > Integer.MAX_VALUE / 2 - demand.availablePermits()) {
      endless = true;
      demand.release(); // for whoever waits; the next one does not
    } else {
      for (long i = 0; i < count; i++) {
        demand.release();
      }
    }
  }

  private void cancel() {
    cancelled = true;
    if (task != null) {
      task.cancel("the subscriber has cancelled");
    }
  }

  private void finished(Future<?> done) {
    if (cancelled) {
      return;
    }
    Throwable error = done.cancelled() ? new CancelledError() : done.exception();
    if (error == null) {
      subscriber.onComplete();
    } else {
      subscriber.onError(error);
    }
  }
}
