package dev.aioli.examples;

import static dev.aioli.Asyncio.*;

import java.time.Duration;

/**
 * Code that blocks its thread would stop the loop, so it runs in a thread of the executor. It takes
 * a second; so does a task of the loop; both together take one second, too.
 *
 * <pre>{@code
 * $ ./aioli example executor
 * the task sleeps
 * the task wakes
 * results: blocking 1 s, task 1 s
 * total: 1 s
 * }</pre>
 */
public final class ExecutorExample {
  private ExecutorExample() {}

  /** Runs the example. */
  public static void main(String[] args) {
    run(ExecutorExample::program);
  }

  static void program() {
    var start = getRunningLoop().time();
    var results = gather(runInExecutor(null, ExecutorExample::block), task(ExecutorExample::doze));
    IO.println("results: " + String.join(", ", results));
    IO.println("total: " + getRunningLoop().time().minus(start).toSeconds() + " s");
  }

  private static String block() throws InterruptedException {
    Thread.sleep(Duration.ofSeconds(1)); // stands for a database driver, a file, a computation
    return "blocking 1 s";
  }

  private static String doze() {
    IO.println("the task sleeps");
    sleep(Duration.ofSeconds(1));
    IO.println("the task wakes");
    return "task 1 s";
  }
}
