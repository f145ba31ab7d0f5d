package dev.aioli;

import java.util.Objects;
import java.util.concurrent.Flow.Publisher;
import org.jspecify.annotations.Nullable;

/**
 * Connects tasks with {@code java.util.concurrent.Flow}, in both directions and with back-pressure.
 */
public final class Flows {
  private Flows() {}

  /**
   * Subscribes to a publisher, which may publish from any thread. In a running loop.
   *
   * @param bufferSize how many items are asked for ahead of their use, at least 1
   * @throws IllegalArgumentException if {@code bufferSize} is less than 1
   */
  public static <T> FlowSource<T> subscribe(Publisher<? extends T> publisher, int bufferSize) {
    if (bufferSize < 1) {
      throw new IllegalArgumentException("expected bufferSize >= 1, was " + bufferSize);
    }
    FlowSource<T> source = new FlowSource<>(EventLoop.getRunningLoop(), bufferSize);
    publisher.subscribe(source.subscriber());
    return source;
  }

  /**
   * A publisher that runs a body as a task of the loop for each of its subscribers. The body
   * {@linkplain FlowSink#emit emits} items, each of which waits until the subscriber has asked for
   * it; its end completes the subscription, an exception fails it, and a subscriber that cancels
   * cancels the task. Subscribers are called in the loop's turn and must not block; one that throws
   * counts as cancelled, and its exception goes to the loop's exception handler.
   *
   * <p>If the loop closes, its subscribers are told by {@code onError}.
   */
  public static <T, X extends Exception> Publisher<T> publisher(
      EventLoop loop, Block.ActionIn<FlowSink<T>, X> body) {
    Objects.requireNonNull(body, "body");
    return subscriber ->
        FlowSink.start(loop, Objects.requireNonNull(subscriber, "subscriber"), body);
  }

  /** Checks rule 2.13 of Reactive Streams. */
  static <T> T requireItem(@Nullable T item) {
    if (item == null) {
      throw new NullPointerException("a publisher must not publish null");
    }
    return item;
  }
}
