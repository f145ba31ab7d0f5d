package dev.aioli;

import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.runInExecutor;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jctools.queues.MpscLinkedQueue;

/**
 * What the doors between the loop and other threads cost: a post from another thread against a bare
 * queue with many producers and one consumer, and blocking code on the task's own thread against a
 * thread of the default executor. Rounds of all kinds take turns, so that a busy machine is unfair
 * to none. The command is in docs/guide/threads.md.
 */
final class BridgeBenchmark {
  private static final int ROUNDS = 31;
  private static final int WARM_UP = 5;
  private static final int THREADS = 4;
  private static final int POSTS = 250_000;
  private static final int TRIPS = 20_000;

  private BridgeBenchmark() {}

  static void main(String[] arguments) throws Exception {
    posts();
    trips();
  }

  private static void posts() throws Exception {
    Costs loop = new Costs("callSoonThreadsafe, post and run");
    Costs jctools = new Costs("JCTools MpscLinkedQueue, drained and run");
    Costs jdk = new Costs("JDK ConcurrentLinkedQueue, drained and run");
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      loop.measure(round, BridgeBenchmark::postToLoop);
      jctools.measure(round, () -> offerTo(new MpscLinkedQueue<>()));
      jdk.measure(round, () -> offerTo(new ConcurrentLinkedQueue<>()));
    }
    loop.report();
    jctools.report();
    jdk.report();
    System.out.printf(
        "a post costs %.1f times JCTools' and %.1f times the JDK's queue in time,"
            + " %.1f and %.1f times in CPU time%n",
        loop.time() / jctools.time(),
        loop.time() / jdk.time(),
        loop.cpu() / jctools.cpu(),
        loop.cpu() / jdk.cpu());
  }

  /**
   * What the rounds of one kind cost: the median of their time, and the CPU time of all of them,
   * which other processes on the machine disturb less.
   */
  private static final class Costs {
    private final String what;
    private final double[] times = new double[ROUNDS];
    private double cpuNanos;

    Costs(String what) {
      this.what = what;
    }

    void measure(int round, Callable<Double> body) throws Exception {
      long before = cpuTime();
      double time = body.call();
      if (round >= 0) {
        times[round] = time;
        cpuNanos += cpuTime() - before;
      }
    }

    double time() {
      return median(times);
    }

    double cpu() {
      return cpuNanos / ROUNDS / (THREADS * POSTS);
    }

    void report() {
      System.out.printf(
          "%-44s median %7.1f ns, best %7.1f, worst %7.1f; CPU time %7.1f ns%n",
          what,
          time(),
          Arrays.stream(times).min().orElse(0),
          Arrays.stream(times).max().orElse(0),
          cpu());
    }

    private static long cpuTime() {
      return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }
  }

  /** Nanoseconds a post, all threads together. */
  private static double postToLoop() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    return run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      Future<Boolean> done = loop.createFuture();
      int[] left = {THREADS * POSTS};
      Runnable callback =
          () -> {
            if (--left[0] == 0) {
              done.setResult(true);
            }
          };
      for (int t = 0; t < THREADS; t++) {
        Thread.ofPlatform()
            .start(() -> {
              awaitUninterruptibly(go);
              for (int i = 0; i < POSTS; i++) {
                loop.callSoonThreadsafe(callback);
              }
            });
      }
      long start = System.nanoTime();
      go.countDown();
      done.await();
      return (System.nanoTime() - start) / (double) (THREADS * POSTS);
    });
  }

  private static double offerTo(Queue<Runnable> queue) {
    CountDownLatch go = new CountDownLatch(1);
    int[] left = {THREADS * POSTS};
    Runnable callback = () -> left[0]--;
    for (int t = 0; t < THREADS; t++) {
      Thread.ofPlatform()
          .start(() -> {
            awaitUninterruptibly(go);
            for (int i = 0; i < POSTS; i++) {
              queue.offer(callback);
            }
          });
    }
    long start = System.nanoTime();
    go.countDown();
    while (left[0] > 0) {
      Runnable next = queue.poll();
      if (next != null) {
        next.run();
      } else {
        Thread.yield(); // as the loop does when it is idle: leave the processor to the producers
      }
    }
    return (System.nanoTime() - start) / (double) (THREADS * POSTS);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void trips() throws Exception {
    double[] own = new double[ROUNDS];
    double[] ownParked = new double[ROUNDS];
    double[] executor = new double[ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      double ofOwn = trip(BridgeBenchmark::onTheTasksThread);
      double ofOwnParked = trip(BridgeBenchmark::onTheTasksThreadParked);
      double ofExecutor = trip(BridgeBenchmark::inTheExecutor);
      if (round >= 0) {
        own[round] = ofOwn;
        ownParked[round] = ofOwnParked;
        executor[round] = ofExecutor;
      }
    }
    report("blocking, code that need not wait", own, "ns");
    report("blocking, code that yields its thread", ownParked, "ns");
    report("runInExecutor, default executor", executor, "ns");
    System.out.printf(
        "blocking costs 1/%.0f of runInExecutor, 1/%.0f if it yields its thread%n",
        median(executor) / median(own), median(executor) / median(ownParked));
  }

  private static double trip(Callable<Integer> call) {
    return run(() -> {
      long start = System.nanoTime();
      int sum = 0;
      for (int i = 0; i < TRIPS; i++) {
        sum += call.call();
      }
      if (sum != TRIPS) {
        throw new AssertionError(sum);
      }
      return (System.nanoTime() - start) / (double) TRIPS;
    });
  }

  private static final Semaphore FREE = new Semaphore(1);

  private static int onTheTasksThread() throws Exception {
    return blocking(BridgeBenchmark::takeAndGive);
  }

  private static int onTheTasksThreadParked() throws Exception {
    return blocking(() -> {
      Thread.yield();
      return takeAndGive();
    });
  }

  private static int inTheExecutor() {
    return runInExecutor(BridgeBenchmark::takeAndGive).await();
  }

  private static int takeAndGive() throws InterruptedException {
    FREE.acquire();
    FREE.release();
    return 1;
  }

  private static void report(String what, double[] values, String unit) {
    System.out.printf(
        "%-44s median %9.1f %s, best %9.1f, worst %9.1f%n",
        what,
        median(values),
        unit,
        Arrays.stream(values).min().orElse(0),
        Arrays.stream(values).max().orElse(0));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
