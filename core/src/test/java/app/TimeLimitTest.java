package app;

import static dev.aioli.Asyncio.asCompleted;
import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.timeout;
import static dev.aioli.Asyncio.timeoutAt;
import static dev.aioli.Asyncio.waitFor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.EventLoopThread;
import dev.aioli.Future;
import dev.aioli.Task;
import dev.aioli.ThrowingRunnable;
import dev.aioli.TimeoutException;
import dev.aioli.VirtualTime;
import dev.aioli.queue.Queue;
import dev.aioli.sync.Lock;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a limit that has struck says of itself; outside Aioli's packages, as programs are. */
class TimeLimitTest {
  private static final Duration LIMIT = Duration.ofSeconds(3);

  private static void putTwice(Queue<String> queue) {
    queue.put("first");
    queue.put("second");
  }

  /** The message, and that the place is in this method of this class. */
  private static void assertTold(String start, String method, ThrowingRunnable body) {
    VirtualTime.run(() ->
        assertThatThrownBy(body::run)
            .isInstanceOf(TimeoutException.class)
            .message()
            .startsWith(start)
            .contains("app.TimeLimitTest." + method)
            .containsPattern("\\(TimeLimitTest\\.java:\\d+\\)$"));
  }

  @Test
  void saysHowLongItWasAndWhereTheTaskStood() {
    assertTold(
        "the time limit of 3 s has passed; Task-1 was in Queue.put at ",
        "putTwice",
        () -> timeout(LIMIT, () -> putTwice(new Queue<>(1))));
  }

  @Test
  void saysWhatItWasOn() {
    assertTold(
        "the time limit of 3 s on all URLs has passed; Task-1 was in Asyncio.sleep at ",
        "lambda$",
        () -> timeout(LIMIT, "all URLs", () -> sleep(Duration.ofHours(1))));
    assertTold(
        "the time limit of 3 s on a value has passed; Task-1 was in Queue.get at ",
        "lambda$",
        () ->
            timeout(
                LIMIT,
                "a value",
                () -> {
                  return new Queue<String>(1).get();
                }));
    assertTold(
        "the time limit of 3 s on more has passed; Task-1 was in Queue.get at ",
        "lambda$",
        () ->
            timeout(
                LIMIT,
                "more",
                limit -> {
                  return new Queue<String>(1).get();
                }));
  }

  @Test
  void namedBlockGivesItsResult() {
    VirtualTime.run(() -> {
      assertThat(timeout(LIMIT, "a sum", () -> 1 + 1)).isEqualTo(2);
      assertThat(timeout(null, "nothing", () -> 1 + 1)).isEqualTo(2);
    });
  }

  @Test
  void methodGivenAsBlockIsNamed() {
    var queue = new Queue<String>(1);
    assertTold(
        "the time limit of 3 s has passed; Task-1 was in Queue.get at ",
        "",
        () -> timeout(LIMIT, queue::get));
  }

  @Test
  void waitForSaysTheSame() {
    assertTold(
        "the time limit of 500 ms has passed; Task-1 was in Lock.acquire at ",
        "acquireTwice",
        () -> waitFor(TimeLimitTest::acquireTwice, Duration.ofMillis(500)));
    assertTold(
        "the time limit of 3 s has passed; Task-1 was in Future.await at ",
        "",
        () -> waitFor(getRunningLoop().createFuture(), LIMIT));
  }

  private static Object acquireTwice() {
    var lock = new Lock();
    lock.acquire();
    return lock.acquire();
  }

  @Test
  void waitForWithoutTimeSaysWhereTheOtherTaskStood() {
    assertTold(
        "the time limit of 0 s has passed; putter was in Queue.put at ",
        "putTwice",
        () -> {
          Task<?> putter = createTask(() -> putTwice(new Queue<>(1)), "putter");
          sleep(Duration.ofMillis(1));
          waitFor(putter, Duration.ZERO);
        });
    VirtualTime.run(() ->
        assertThatThrownBy(() -> waitFor(getRunningLoop().createFuture(), Duration.ZERO))
            .hasMessage("the time limit of 0 s has passed; Future[pending] was not done"));
  }

  @Test
  void deadlineSaysHowLongTheBlockHad() {
    assertTold(
        "the time limit of 1.25 s has passed; Task-1 was in Asyncio.sleep at ",
        "lambda$",
        () ->
            timeoutAt(
                getRunningLoop().time().plusMillis(1_250),
                limit -> {
                  sleep(Duration.ofHours(1));
                  return null;
                }));
  }

  @Test
  void movedLimitSaysWhereItWasMovedTo() {
    for (Duration before : new Duration[] {LIMIT, null}) {
      assertTold(
          "the time limit on a stream, moved to 12 s after its start, has passed; Task-1 was in"
              + " Asyncio.sleep at ",
          "lambda$",
          () ->
              timeout(
                  before,
                  "a stream",
                  limit -> {
                    sleep(Duration.ofSeconds(2));
                    limit.reschedule(getRunningLoop().time().plusSeconds(10));
                    sleep(Duration.ofHours(1));
                    return null;
                  }));
    }
  }

  /** So that many limits at once do not become dear. */
  @Test
  void aHundredAtATimeSayWhereTheyStood() {
    VirtualTime.run(() -> {
      for (int round = 0; round < 2; round++) {
        var tasks =
            IntStream.range(0, 150)
                .mapToObj(i -> createTask(() -> timeout(LIMIT, () -> sleep(Duration.ofHours(1)))))
                .toList();
        Asyncio.await(tasks);
        var messages = tasks.stream().map(task -> task.exception().getMessage()).toList();
        assertThat(messages.subList(0, 100)).allMatch(text -> text.contains("in Asyncio.sleep"));
        assertThat(messages.subList(100, 150))
            .allMatch(
                text -> text.matches("the time limit of 3 s has passed; Task-\\d+ was not done"));
      }
    });
  }

  @Test
  void innerLimitIsTheOneThatIsTold() {
    assertTold(
        "the time limit of 1 s on one has passed; Task-1 was in Asyncio.sleep at ",
        "lambda$",
        () ->
            timeout(
                LIMIT,
                "all",
                () -> timeout(Duration.ofSeconds(1), "one", () -> sleep(Duration.ofHours(1)))));
  }

  @Test
  void asCompletedSaysWhereTheLateOnesAre() {
    VirtualTime.run(() -> {
      Task<?> putter = createTask(() -> putTwice(new Queue<>(1)), "putter");
      Future<Object> plain = getRunningLoop().createFuture();
      Iterator<?> iterator =
          asCompleted(
                  List.<Future<?>>of(putter, plain).stream().map(TimeLimitTest::any).toList(),
                  LIMIT)
              .iterator();
      assertThatThrownBy(iterator::next)
          .isInstanceOf(TimeoutException.class)
          .message()
          .startsWith("the time limit of 3 s has passed; putter was in Queue.put at ")
          .contains("app.TimeLimitTest.putTwice(");
      assertThatThrownBy(iterator::next)
          .hasMessage("the time limit of 3 s has passed; Future[pending] was not done");
      putter.cancel();
    });
  }

  @SuppressWarnings("unchecked") // its results are not looked at
  private static Future<Object> any(Future<?> future) {
    return (Future<Object>) future;
  }

  @Test
  @Timeout(60)
  void blockInBlockingSaysWhatBlocks() {
    Asyncio.run(() ->
        assertThatThrownBy(() ->
                timeout(
                    Duration.ofMillis(300),
                    () -> blocking(() -> new CountDownLatch(1).await(1, TimeUnit.HOURS))))
            .isInstanceOf(TimeoutException.class)
            .message()
            .startsWith(
                "the time limit of 300 ms has passed; Task-1 was in CountDownLatch.await at ")
            .contains("app.TimeLimitTest.lambda$"));
  }

  @Test
  @Timeout(60)
  void threadThatWaitsForATaskIsToldToo() throws Exception {
    try (var thread = EventLoopThread.start("loop")) {
      var submitted = thread.submit(() -> new Queue<String>(1).get());
      assertThatThrownBy(() -> submitted.result(Duration.ofMillis(200)))
          .isInstanceOf(TimeoutException.class)
          .message()
          .startsWith("the time limit of 200 ms has passed; Task-")
          .doesNotContain("the loop does not run");
      submitted.cancel(true);
    }
    EventLoop loop = EventLoop.newEventLoop();
    var never = Asyncio.runCoroutineThreadsafe(() -> 1, loop);
    assertThatThrownBy(() -> never.result(Duration.ofMillis(1)))
        .hasMessage(
            "the time limit of 1 ms has passed; the task has not started; the loop does not run");
    loop.close();
  }
}
