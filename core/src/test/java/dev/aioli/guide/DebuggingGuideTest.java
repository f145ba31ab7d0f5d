package dev.aioli.guide;

import static dev.aioli.Asyncio.allTasks;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.EventLoop;
import dev.aioli.FutureCallGraph;
import dev.aioli.Runner;
import dev.aioli.Task;
import dev.aioli.VirtualTime;
import dev.aioli.sync.Event;
import dev.aioli.sync.Lock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DebuggingGuideTest extends GuidePage {
  @Test
  void handler() {
    inVirtualTime(() -> {
      // region handler
      getRunningLoop()
          .setExceptionHandler(
              (loop, context) -> println(context.message() + " / " + context.exception()));
      createTask(() -> {
        throw new IllegalStateException("boom");
      });
      sleep(ofMillis(10)); // the task fails, and nobody ever looks at it
      // endregion handler
    });
    assertPrinted("Task exception was never retrieved / java.lang.IllegalStateException: boom");
  }

  @Test
  void debugMode() {
    inVirtualTime(() -> {
      // region debug
      getRunningLoop().setDebug(true);
      Task<?> task = createTask(() -> Integer.parseInt("x"));
      try {
        task.await();
      } catch (NumberFormatException e) {
        println(e.getSuppressed()[0].getMessage()); // with the stack of this await
      }
      // endregion debug
    });
    assertPrinted("awaited here");
  }

  @Test
  void callGraph() {
    inVirtualTime(() -> {
      // region graph
      Task<?> leaf = createTask(() -> sleep(ofMillis(10)), "leaf");
      createTask(() -> gather(leaf), "parent");
      sleep(ofMillis(1));
      println(FutureCallGraph.capture(leaf).format());
      // endregion graph
      String text = FutureCallGraph.capture(leaf).format();
      assertThat(text).contains("* Task[leaf pending waiting for Future]");
      assertThat(text).contains("dev.aioli.Asyncio.sleep(");
      assertThat(text).contains("* Task[parent pending waiting for GatheringFuture]");
    });
  }

  @Test
  void outside() {
    run(() -> {
      // region outside
      try (var hold = getRunningLoop().outside().hold("consumer of orders")) {
        Event ready = new Event();
        EventLoop loop = getRunningLoop();
        Thread.startVirtualThread(() -> loop.callSoonThreadsafe(ready::set));
        ready.await();
      }
      // endregion outside
      assertThat(getRunningLoop().outside().pending()).isZero();
    });
  }

  @Test
  void whatIsLeft() {
    inVirtualTime(() -> {
      // region tasks
      var lock = new Lock();
      lock.acquire();
      createTask(() -> lock.acquire(), "stuck");
      sleep(ofMillis(1));
      for (Task<?> task : allTasks()) {
        println(task);
      }
      println(lock);
      // endregion tasks
    });
    assertPrinted(
        "Task[Task-1 pending]",
        "Task[stuck pending waiting for Lock[locked, waiters=1]]",
        "Lock[locked, waiters=1]");
  }

  @Test
  void virtualTime() {
    // region virtual-time
    var time = new VirtualTime(); // a Clock and a Poller: time jumps to the next timer
    try (var runner = new Runner(time::newLoop)) {
      runner.run(() -> sleep(Duration.ofDays(1)));
    }
    println(Duration.ofMillis(time.millis()));
    // endregion virtual-time
    assertPrinted("PT24H");
  }
}
