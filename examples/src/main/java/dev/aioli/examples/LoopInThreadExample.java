package dev.aioli.examples;

import static dev.aioli.Asyncio.*;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.aioli.EventLoop;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * A program that is not asynchronous itself keeps a loop in another thread: it submits a task to
 * it, waits for the result with a timeout, and stops the loop at the end.
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

      var product = runCoroutineThreadsafe(() -> multiply(6, 7), loop);
      try {
        product.get(10, MILLISECONDS);
      } catch (TimeoutException e) {
        IO.println("6 * 7 is not known yet"); // the task goes on
      }
      IO.println("6 * 7 = " + product.get(5, SECONDS));

      loop.callSoonThreadsafe(loop::stop);
      thread.join();
      IO.println("the loop has stopped");
    }
  }

  private static int multiply(int a, int b) {
    sleep(Duration.ofMillis(300));
    return a * b;
  }
}
