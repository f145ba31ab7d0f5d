package dev.aioli;

import dev.aioli.lowlevel.WaitQueue;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Where the body of a {@link Flows#publisher} puts its items. */
public final class FlowSink<T> {
  /*
   * The numbers are the rules of Reactive Streams. The subscription is over when the subscriber has
   * cancelled, or when it has been told the end; from then on it is told nothing more (1.7, 1.8), and
   * forgotten (3.13). Its calls may come from any thread, inside its own methods, too. They go through
   * the loop's inbox, but that it has cancelled is to be seen at once, by a body that has no need to
   * wait.
   */

  /** So many items in a row may be published before other tasks get the turn. */
  private static final int ITEMS_A_TURN = 32;

  /** A demand that does not go down (3.17). */
  private static final long ENDLESS = Long.MAX_VALUE;

  private final EventLoop loop;
  private volatile boolean cancelled;

  // In the turn only.
  private @Nullable Subscriber<? super T> subscriber;
  private final WaitQueue waiters = new WaitQueue();

  /** The items that were asked for, are not published and promised to no waiter. */
  private long demand;

  private int publishedInARow;
  private boolean ended;
  private boolean bodyCancelled;
  private @Nullable Task<?> body;

  private FlowSink(EventLoop loop, Subscriber<? super T> subscriber) {
    this.loop = loop;
    this.subscriber = subscriber;
  }

  /** Starts a subscription. From any thread. */
  static <T, X extends Exception> void start(
      EventLoop loop, Subscriber<? super T> subscriber, Block.ActionIn<FlowSink<T>, X> body) {
    FlowSink<T> sink = new FlowSink<>(loop, subscriber);
    try {
      loop.callSoonThreadsafe(() -> sink.begin(subscriber, body));
    } catch (IllegalStateException closed) { // 1.9: subscribe tells it by onError
      subscriber.onSubscribe(sink.subscription());
      subscriber.onError(closed);
    }
  }

  private <X extends Exception> void begin(
      Subscriber<? super T> first, Block.ActionIn<FlowSink<T>, X> action) {
    try {
      first.onSubscribe(subscription());
    } catch (KeyboardInterrupt | SystemExit e) {
      throw e;
    } catch (Throwable e) {
      subscriberFailed("onSubscribe", e);
    }
    if (cancelled) {
      cancelBody();
      return;
    }
    try {
      Task<@Nullable Void> producer = loop.createTask(() -> action.accept(this));
      body = producer;
      producer.addDoneCallback(new Finished());
    } catch (KeyboardInterrupt | SystemExit e) {
      throw e;
    } catch (Throwable e) { // the loop closes; or a task factory of the user's
      end(e);
    }
  }

  private Subscription subscription() {
    return new Subscription() {
      @Override
      public void request(long count) {
        if (!cancelled) {
          loop.postUnlessClosed(() -> requested(count));
        }
      }

      @Override
      public void cancel() {
        cancelled = true;
        loop.postUnlessClosed(FlowSink.this::cancelBody);
      }
    };
  }

  /**
   * Publishes an item, waiting until the subscriber has asked for it. Also suspends now and then
   * when it need not wait, so that a subscriber who wants everything does not keep others from
   * running. Several tasks of the body are served in the order in which they came.
   *
   * <p>Cancellation: the item is not published. It also comes when the subscriber has cancelled, or
   * has thrown an exception.
   *
   * @throws IllegalStateException if the body has ended before, and so the subscription
   */
  @Suspends
  public void emit(T item) {
    Flows.requireItem(item);
    loop.checkTurn();
    checkOpen();
    if (publishedInARow >= ITEMS_A_TURN) {
      letOthersRun();
      checkOpen();
    }
    if (demand > 0 && !waiters.hasLive()) {
      take();
    } else {
      awaitDemand();
      checkOpen();
    }
    publishedInARow++;
    publish(item);
  }

  private void checkOpen() {
    if (cancelled) {
      cancelBody();
      letOthersRun(); // here it comes out, in the task of the body
      throw new CancelledError("the subscriber has cancelled");
    }
    if (ended) {
      throw new IllegalStateException(
          "the subscription is over since the publisher's body has ended; wait in it for the tasks"
              + " that emit");
    }
  }

  private void letOthersRun() {
    publishedInARow = 0;
    Task<?> task = loop.currentTask();
    if (task != null) {
      task.yieldOnce();
    }
  }

  private void take() {
    if (demand != ENDLESS) {
      demand--;
    }
  }

  private void awaitDemand() {
    publishedInARow = 0;
    try {
      waiters.await(loop, woken -> add(woken ? 1 : 0));
    } finally {
      passOn();
    }
  }

  /** Wakes as many waiters as there are items asked for. */
  private void passOn() {
    while (demand > 0 && waiters.wakeNext()) {
      take();
    }
  }

  private void add(long count) {
    demand = count > ENDLESS - demand ? ENDLESS : demand + count;
  }

  private void publish(T item) {
    Subscriber<? super T> target = subscriber;
    if (target == null) {
      return; // checkOpen has looked
    }
    try {
      target.onNext(item);
    } catch (CancelledError | KeyboardInterrupt | SystemExit e) {
      throw e;
    } catch (Throwable e) {
      subscriberFailed("onNext", e);
      checkOpen();
    }
  }

  /** A subscriber that throws counts as cancelled (2.13). */
  private void subscriberFailed(String method, Throwable thrown) {
    cancelled = true;
    loop.callExceptionHandler(
        ExceptionContext.of(
            method + " of a subscriber has thrown: its subscription is cancelled", thrown));
  }

  private void requested(long count) {
    if (cancelled || ended) {
      return; // 3.6
    }
    if (count > 0) {
      add(count);
      passOn();
      return;
    }
    end(
        new IllegalArgumentException( // 3.9
            "expected a request for at least 1 item, was " + count));
    cancelled = true;
    cancelBody();
  }

  /** The subscriber wants nothing more: so is the body told, once. In the turn. */
  private void cancelBody() {
    subscriber = null;
    waiters.wakeAll(); // of tasks that the cancellation does not reach: emit throws
    if (body != null && !bodyCancelled) {
      bodyCancelled = true;
      body.cancel("the subscriber has cancelled");
    }
  }

  /** The end of the body, also if its loop closes: somebody else may wait for it. */
  private final class Finished implements Consumer<Future<@Nullable Void>>, Future.EvenWhenClosed {
    @Override
    public void accept(Future<@Nullable Void> done) {
      if (!cancelled) {
        end(
            done.cancelled()
                ? new CancelledError("the publisher's task was cancelled")
                : done.exception());
      }
    }
  }

  /** Tells the subscriber the end, once. In the turn. */
  private void end(@Nullable Throwable error) {
    Subscriber<? super T> target = subscriber;
    if (ended || target == null) {
      return;
    }
    ended = true;
    subscriber = null;
    waiters.wakeAll(); // emit throws
    try {
      if (error == null) {
        target.onComplete();
      } else {
        target.onError(error);
      }
    } catch (KeyboardInterrupt | SystemExit e) {
      throw e;
    } catch (Throwable e) {
      loop.callExceptionHandler(
          ExceptionContext.of("a subscriber has thrown when it was told the end", e));
    }
  }
}
