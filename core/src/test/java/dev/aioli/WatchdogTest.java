package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.lowlevel.Clock;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The watchdog's thread, settings and log. What it looks at is tested by {@link StepWatchTest}. */
class WatchdogTest {
  private static final int ROUNDS = 1000;

  private static List<String> watchdogs() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.equals("aioli-watchdog"))
        .toList();
  }

  @Test
  void threadIsThereWhileALoopRunsAndGoneWhenTheLastIsClosed() {
    try (EventLoop outer = EventLoop.newEventLoop()) {
      outer.runUntilComplete(() -> {
        assertThat(watchdogs()).hasSize(1);
        try (EventLoopThread other = EventLoopThread.start("other")) {
          other.submit(() -> assertThat(watchdogs()).hasSize(1)).get();
        }
        assertThat(watchdogs()).hasSize(1);
      });
    }
    assertThat(watchdogs()).isEmpty();
  }

  @Test
  void loopThatIsNotWatchedHasNoThreadUntilItIs() {
    Clock own = System::nanoTime; // whose time a report of an idle loop does not know
    try (EventLoop loop =
        EventLoop.builder().clock(own).blockedLoopDuration(Duration.ZERO).build()) {
      loop.runUntilComplete(() -> {
        assertThat(watchdogs()).isEmpty();
        loop.setBlockedLoopDuration(Duration.ofSeconds(5));
        assertThat(watchdogs()).hasSize(1);
      });
    }
    assertThat(watchdogs()).isEmpty();
  }

  /** Two threads at once: the last loop is closed, and another begins to run. */
  @Test
  @Timeout(60)
  void loopThatBeginsWhileTheLastEndsIsWatched() throws Exception {
    Thread.interrupted();
    try (EventLoop next = EventLoop.newEventLoop()) {
      for (int round = 0; round < ROUNDS; round++) {
        Watchdog.loopRuns(next);
        AtomicInteger ready = new AtomicInteger();
        Thread closer =
            Thread.ofPlatform()
                .start(() -> {
                  meet(ready);
                  Watchdog.endUnlessNeeded();
                });
        try {
          meet(ready);
          for (int pause = round % 200; pause > 0; pause--) {
            Thread.onSpinWait();
          }
          RunningLoops.add(next);
          Watchdog.loopRuns(next);
          closer.join();
          assertThat(Watchdog.isThere()).as("round " + round).isTrue();
        } finally {
          RunningLoops.remove(next);
        }
      }
    }
    Watchdog.endUnlessNeeded();
    assertThat(Watchdog.isThere()).isFalse();
  }

  private static void meet(AtomicInteger ready) {
    ready.incrementAndGet();
    while (ready.get() < 2) {
      Thread.onSpinWait();
    }
  }

  @Test
  void limitIsShorterInDebugModeUnlessItWasChosen() {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      assertThat(loop.blockedLoopNanos()).isEqualTo(1_000_000_000L);
      loop.setDebug(true);
      assertThat(loop.blockedLoopNanos()).isEqualTo(100_000_000L);
      loop.setBlockedLoopDuration(Duration.ofMillis(250));
      assertThat(loop.blockedLoopNanos()).isEqualTo(250_000_000L);
      loop.setBlockedLoopDuration(null);
      assertThat(loop.blockedLoopNanos()).isEqualTo(Watchdog.NEVER);
    }
  }

  @Test
  void negativeDurationIsAClearError() {
    assertThatThrownBy(() -> EventLoop.builder().blockedLoopDuration(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected a duration of zero (no reports) or more, was PT-0.001S");
  }

  /** Blocks in a task until its standard input ends. */
  static final class Blocks {
    public static void main(String[] args) {
      Asyncio.run(() -> {
        Asyncio.createTask(
                () -> {
                  try {
                    return System.in.read();
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                },
                "reader")
            .await();
      });
      System.out.println("ended");
    }
  }

  /** Starts {@link Blocks}, lets it go on when it has been reported, and returns its output. */
  private static List<String> outputOfBlocked(String... options)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(ChildJvm.engine()));
    all.addAll(List.of(options));
    Process process = ChildJvm.start(Blocks.class, all.toArray(String[]::new));
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        if (line.contains("has held the turn of EventLoop[")) {
          process.getOutputStream().close();
        }
      }
    } finally {
      process.destroyForcibly();
    }
    return lines;
  }

  @Test
  void blockedLoopIsReportedByDefaultWithStackAndAdviceWhileItIsBlocked() throws Exception {
    List<String> output = outputOfBlocked();
    assertThat(output)
        .filteredOn(line -> line.contains("Task[reader pending] has held the turn of"))
        .singleElement()
        .asString()
        .contains("WARNING: ")
        .containsPattern("java\\.io\\.\\w*InputStream.read blocks the event loop: move it to ");
    assertThat(output).anyMatch(line -> line.contains("at dev.aioli.WatchdogTest$Blocks"));
    assertThat(output).endsWith("ended");
  }

  @Test
  void debugModeDoesNotReportTheSameStepAsSlowAsWell() throws Exception {
    List<String> output = outputOfBlocked("-Ddev.aioli.debug=true");
    assertThat(output)
        .filteredOn(line -> line.contains("Task[reader pending] has held the turn"))
        .hasSize(1);
    assertThat(output).noneMatch(line -> line.contains("Executing Task[reader"));
    assertThat(output).endsWith("ended");
  }

  @Test
  void systemPropertySetsTheLimit() throws Exception {
    assertThat(outputOfBlocked("-Ddev.aioli.blockedLoopMillis=40"))
        .filteredOn(line -> line.contains("Task[reader pending] has held the turn"))
        .singleElement()
        .asString()
        .containsPattern("for [4-9]\\d ms");
  }

  /** Prints the limit of a loop. */
  static final class PrintsLimit {
    public static void main(String[] args) {
      try (EventLoop loop = EventLoop.newEventLoop()) {
        System.out.println("limit: " + loop.blockedLoopNanos());
      } catch (IllegalStateException e) {
        System.out.println("error: " + e.getMessage());
      }
    }
  }

  @Test
  void zeroOfTheSystemPropertyMeansNoReports() throws Exception {
    assertThat(ChildJvm.run(PrintsLimit.class, "-Ddev.aioli.blockedLoopMillis=0").output())
        .contains("limit: " + Long.MAX_VALUE);
  }

  @Test
  void otherValuesOfTheSystemPropertyAreAClearError() throws Exception {
    for (String value : List.of("1s", "-5")) {
      assertThat(ChildJvm.run(PrintsLimit.class, "-Ddev.aioli.blockedLoopMillis=" + value).output())
          .contains(
              "error: -Ddev.aioli.blockedLoopMillis expected milliseconds, or 0 for no reports,"
                  + " found '"
                  + value
                  + "'");
    }
  }
}
