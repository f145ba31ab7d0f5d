package dev.aioli.guide;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.runCoroutineThreadsafe;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.task;
import static dev.aioli.Asyncio.toThread;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.EventLoop;
import dev.aioli.Runner;
import dev.aioli.SubmittedTask;
import dev.aioli.sync.Semaphore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GettingStartedGuideTest extends GuidePage {
  @Test
  void first() {
    // region first
    String answer =
        run(() -> {
          println("waiting");
          sleep(ofMillis(100)); // suspends this task; the thread is free for others
          return "done";
        });
    println(answer);
    // endregion first
    assertPrinted("waiting", "done");
  }

  // region method
  /** Suspends: an ordinary method, called by ordinary code. */
  String fetch(String what) {
    sleep(ofMillis(100));
    return "<" + what + ">";
  }

  // endregion method

  @Test
  void twoAtOnce() {
    inVirtualTime(() -> {
      // region two-at-once
      var a = createTask(() -> fetch("a"));
      var b = createTask(() -> fetch("b"));
      println(a.await() + b.await()); // after 100 ms, not 200
      // endregion two-at-once
      assertThat(millis()).isEqualTo(100);
    });
    assertPrinted("<a><b>");
  }

  @Test
  void manyWithALimit() {
    inVirtualTime(() -> {
      // region limit
      var limit = new Semaphore(6);
      List<String> pages =
          gather(
              IntStream.range(0, 12)
                  .mapToObj(n ->
                      task(() -> {
                        try (var permit = limit.acquire()) {
                          return fetch("page " + n);
                        }
                      })));
      println(pages.size() + " pages, the last " + pages.getLast());
      // endregion limit
      assertThat(millis()).isEqualTo(200);
    });
    assertPrinted("12 pages, the last <page 11>");
  }

  @Test
  void blockingCode() throws Exception {
    Path file = Files.createTempFile("guide", ".txt");
    Files.writeString(file, "text");
    // region blocking
    run(() -> {
      String text = toThread(() -> Files.readString(file)); // in a thread of the loop's executor
      println(text);
    });
    // endregion blocking
    Files.delete(file);
    assertPrinted("text");
  }

  @Test
  void fromAnotherThread() throws Exception {
    // region other-thread
    EventLoop loop = EventLoop.newEventLoop();
    Thread thread = Thread.ofPlatform().start(loop::runForever);

    SubmittedTask<String> submitted = runCoroutineThreadsafe(() -> fetch("x"), loop);
    println(submitted.result(ofSeconds(5))); // blocks this thread, which is not the loop's

    loop.callSoonThreadsafe(loop::stop);
    thread.join();
    loop.close();
    // endregion other-thread
    assertPrinted("<x>");
  }

  @Test
  void runner() {
    // region runner
    try (var runner = new Runner()) {
      runner.run(() -> println("first"));
      runner.run(() -> println("second, on the same loop"));
    }
    // endregion runner
    assertPrinted("first", "second, on the same loop");
  }
}
