package dev.aioli.guide;

import static dev.aioli.Asyncio.await;
import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.runInExecutor;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.toThread;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.EventLoopThread;
import dev.aioli.Future;
import dev.aioli.TimeoutException;
import dev.aioli.WhenCancelled;
import dev.aioli.queue.Queue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThreadsGuideTest extends GuidePage {
  @Test
  void loopThread() throws Exception {
    // region loop-thread
    try (var thread = EventLoopThread.start("io")) {
      var answer =
          thread.submit(() -> {
            sleep(ofMillis(10));
            return 42;
          });
      try {
        println(answer.result(ofSeconds(60))); // blocks this thread, not the loop
      } catch (TimeoutException e) {
        answer.cancel(true); // a timeout alone leaves the task running
      }
    } // cancels what is left, waits for its clean-up, ends the thread
    // endregion loop-thread
    assertPrinted("42");
  }

  @Test
  void callbacks() throws Exception {
    run(() -> {
      // region callbacks
      var loop = getRunningLoop();
      var lines = new Queue<String>(10);
      Thread.ofPlatform()
          .start(() -> {
            loop.callSoonThreadsafe(() -> lines.putNowait("from a thread"));
            loop.callSoonThreadsafe(() -> lines.putNowait("in its order"));
          });
      println(lines.get());
      println(lines.get());
      // endregion callbacks
    });
    assertPrinted("from a thread", "in its order");
  }

  @Test
  void stages() throws Exception {
    run(() -> {
      // region stages
      var stage = CompletableFuture.supplyAsync(() -> "made elsewhere");
      println(await(stage)); // cancelling the task cancels the stage

      var onTheLoop = getRunningLoop().asExecutor();
      var length = stage.thenApplyAsync(text -> text.length(), onTheLoop); // in the loop's turn
      println(await(length));
      // endregion stages
    });
    assertPrinted("made elsewhere", "14");
  }

  @Test
  void virtualThreads() {
    run(() -> {
      // region virtual
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Integer>> calls =
            IntStream.range(0, 1000)
                .mapToObj(n -> runInExecutor(threads, () -> query(n))) // all wait at once
                .toList();
        println(gather(calls).size());
      }
      // endregion virtual
    });
    assertPrinted("1000");
  }

  private static int query(int n) throws InterruptedException {
    Thread.sleep(10);
    return n;
  }

  @Test
  void interrupt() {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    var lines = new LinkedBlockingQueue<String>();
    run(() -> {
      // region interrupt
      var task =
          createTask(() ->
              toThread(
                  () -> {
                    entered.countDown();
                    try {
                      return lines.take(); // for ever, if nobody adds a line
                    } finally {
                      ended.countDown();
                    }
                  },
                  WhenCancelled.INTERRUPT));
      blocking(() -> entered.await());
      task.cancel();
      blocking(() -> ended.await()); // the thread is free again
      // endregion interrupt
      try {
        task.await();
      } catch (CancelledError e) {
        println("cancelled");
      }
    });
    assertPrinted("cancelled");
  }

  @Test
  void blockingOnTheTasksThread() {
    List<String> events = new ArrayList<>();
    run(() -> {
      // region blocking
      var task = createTask(() -> blocking(() -> Thread.sleep(ofDays(1)))); // a driver's call
      sleep(ofMillis(10)); // the loop goes on
      task.cancel(); // interrupts the call
      // endregion blocking
      try {
        task.await();
      } catch (CancelledError e) {
        events.add(e.getSuppressed()[0].getClass().getSimpleName());
      }
      sleep(ZERO);
    });
    assertThat(events).containsExactly("InterruptedException");
    assertThat(EventLoop.currentOrNull()).isNull();
  }
}
