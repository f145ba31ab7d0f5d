package dev.aioli.examples;

import static dev.aioli.Asyncio.*;

import dev.aioli.process.Job;
import dev.aioli.process.ProcessPoolExecutor;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Code that blocks its thread would stop the loop, so it runs in a thread of a pool, or, with
 * {@code --pool process}, in a process. It takes a second; so does a task of the loop; both
 * together take one second, too.
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
  public static void main(String[] args) throws Exception {
    try (var pool = pool(args)) {
      run(() -> program(pool));
    }
  }

  private static ExecutorService pool(String[] args) throws Exception {
    var options = String.join(" ", args).replace('=', ' ');
    return switch (options) {
      case "", "--pool thread" -> Executors.newSingleThreadExecutor();
      case "--pool process" -> {
        var pool = ProcessPoolExecutor.create(1);
        pool.submit(() -> {}).get(); // a JVM takes a while to start, which is not the point here
        yield pool;
      }
      default ->
          throw new IllegalArgumentException(
              "expected --pool thread or --pool process, was " + options);
    };
  }

  private static void program(Executor pool) {
    var start = getRunningLoop().time();
    var blocking = runInExecutor(pool, Job.of(ExecutorExample::block));
    var results = gather(blocking, task(ExecutorExample::doze));
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
