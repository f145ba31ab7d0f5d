package dev.aioli.examples;

import static dev.aioli.Asyncio.*;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.aioli.EventLoop;
import dev.aioli.sync.Event;
import java.util.concurrent.TimeoutException;

/**
 * A program that is not asynchronous itself keeps a loop in another thread: it submits a task to
 * it, waits for the result with a timeout, sets an event, and stops the loop at the end.
 *
 * <pre>{@code
 * $ ./aioli example loop-in-thread
 * 6 * 7 is not known yet
 * 6 * 7 = 42
 * the loop has stopped
 * }</pre>
 */
public final class LoopInThreadExample {
  private LoopInThreadExample() {}

  /** Runs the example. */
  public static void main(String[] args) throws Exception {
    try (var loop = EventLoop.newEventLoop()) {
      var thread = Thread.ofPlatform().name("loop").start(loop::runForever);

      var start = new Event();
      var product = runCoroutineThreadsafe(() -> multiply(6, 7, start), loop);
      try {
        product.get(10, MILLISECONDS);
      } catch (TimeoutException e) {
        IO.println("6 * 7 is not known yet"); // the task goes on
      }
      loop.callSoonThreadsafe(start::set);
      IO.println("6 * 7 = " + product.get(5, SECONDS));

      loop.callSoonThreadsafe(loop::stop);
      thread.join();
      IO.println("the loop has stopped");
    }
  }

  private static int multiply(int a, int b, Event start) {
    start.await();
    return a * b;
  }
}
