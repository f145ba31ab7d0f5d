package app;

import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.timeout;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Runner;
import dev.aioli.TimeoutException;
import dev.aioli.VirtualTime;
import java.time.Duration;

/** A program with what debug mode tells of limits and of steps; the argument says what it does. */
public final class DebugProgram {
  private static final Duration LIMIT = Duration.ofSeconds(3);

  private DebugProgram() {}

  public static void main(String[] args) {
    var time = new VirtualTime();
    try (var runner =
        new Runner(() ->
            EventLoop.builder()
                .clock(time)
                .poller(time)
                .debug(!System.getProperty("plain", "false").equals("true"))
                .build())) {
      runner.run(() -> {
        switch (System.getProperty("does")) {
          case "swallows" -> swallow();
          case "obeys" -> obey();
          case "computes" -> compute(time);
          default -> throw new IllegalArgumentException();
        }
        return null;
      });
    }
    System.out.println("end of the program");
  }

  private static void swallow() {
    for (int i = 0; i < 3; i++) {
      timeout(LIMIT, "a swallower", DebugProgram::sleepAndSwallow);
    }
    try {
      timeout(LIMIT, "a thrower", DebugProgram::sleepAndThrow);
    } catch (IllegalStateException e) {
      System.out.println("threw " + e.getMessage());
    }
  }

  private static void sleepAndSwallow() {
    try {
      sleep(Duration.ofHours(1));
    } catch (CancelledError e) {
      System.out.println("swallowed");
    }
  }

  private static void sleepAndThrow() {
    try {
      sleep(Duration.ofHours(1));
    } catch (CancelledError e) {
      throw new IllegalStateException("own", e);
    }
  }

  private static void obey() {
    try {
      timeout(LIMIT, () -> sleep(Duration.ofHours(1)));
    } catch (TimeoutException e) {
      System.out.println("in order");
    }
    timeout(LIMIT, () -> sleep(Duration.ofSeconds(1)));
  }

  private static void compute(VirtualTime time) {
    for (int millis : new int[] {50, 51, 70, 702, 60, 49}) {
      time.advance(Duration.ofMillis(millis));
      sleep(Duration.ZERO);
    }
    Asyncio.getRunningLoop().callSoon(() -> time.advance(Duration.ofMillis(100)));
    sleep(Duration.ofSeconds(1));
  }
}
