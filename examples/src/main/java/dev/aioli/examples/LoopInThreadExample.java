package dev.aioli.examples;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.aioli.EventLoopThread;
import dev.aioli.TimeoutException;
import dev.aioli.sync.Event;

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
    try (var thread = EventLoopThread.start("loop")) {
      var start = new Event();
      var product = thread.submit(() -> multiply(6, 7, start));
      try {
        product.result(ofMillis(10));
      } catch (TimeoutException e) {
        IO.println("6 * 7 is not known yet"); // the task goes on
      }
      thread.loop().callSoonThreadsafe(start::set);
      IO.println("6 * 7 = " + product.result(ofSeconds(5)));
    } // stops the loop and waits for its thread
    IO.println("the loop has stopped");
  }

  private static int multiply(int a, int b, Event start) {
    start.await();
    return a * b;
  }
}
