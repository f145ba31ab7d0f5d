package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.sync.Event;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code loop.add_signal_handler} of CPython 3.13. WINCH is the signal here that does no harm where
 * nobody handles it.
 */
@Timeout(60)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no kill, and only a few signals")
class LoopSignalsTest {
  private static final ContextVar<String> WHO = new ContextVar<>("who");

  private final EventLoop loop = EventLoop.newEventLoop();

  @AfterEach
  void close() {
    loop.close();
  }

  private static void send(String signal, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
  }

  private static void sendToMyself() throws IOException, InterruptedException {
    send("WINCH", ProcessHandle.current().pid());
  }

  @Test
  void callbackRunsInTheLoopInTheContextOfWhoAddedIt() {
    loop.runUntilComplete(() -> {
      Event seen = new Event();
      List<String> told = new ArrayList<>();
      WHO.set("adder");
      loop.addSignalHandler(
          "WINCH",
          () -> {
            told.add(WHO.get() + " in " + EventLoop.getRunningLoop());
            seen.set();
          });
      WHO.set("later");
      sendToMyself();
      seen.await();
      assertThat(told).containsExactly("adder in " + loop);
    });
  }

  @Test
  void callbackTakesThePlaceOfTheOneBeforeWithOrWithoutSig() {
    loop.runUntilComplete(() -> {
      Event seen = new Event();
      List<String> told = new ArrayList<>();
      loop.addSignalHandler("WINCH", () -> told.add("first"));
      loop.addSignalHandler(
          "SIGWINCH",
          () -> {
            told.add("second");
            seen.set();
          });
      sendToMyself();
      seen.await();
      assertThat(told).containsExactly("second");
      assertThat(loop.removeSignalHandler("WINCH")).isTrue();
      assertThat(loop.removeSignalHandler("SIGWINCH")).isFalse();
    });
  }

  @Test
  void eachLoopGetsItsSignalBackWhateverTheOrder() {
    try (EventLoop other = EventLoop.newEventLoop()) {
      List<String> told = new ArrayList<>();
      loop.addSignalHandler("WINCH", () -> told.add("lower"));
      other.addSignalHandler("WINCH", () -> told.add("upper"));
      assertThat(loop.removeSignalHandler("WINCH")).isTrue();
      Event seen = new Event();
      EventLoop third = EventLoop.newEventLoop();
      third.addSignalHandler("WINCH", () -> told.add("third"));
      third.close();
      other.runUntilComplete(() -> {
        other.addSignalHandler(
            "WINCH",
            () -> {
              told.add("upper again");
              seen.set();
            });
        sendToMyself();
        seen.await();
      });
      assertThat(told).containsExactly("upper again");
    }
  }

  @Test
  void failureOfTheCallbackGoesToTheExceptionHandler() {
    List<Throwable> failures = new ArrayList<>();
    loop.setExceptionHandler((failed, context) -> failures.add(context.exception()));
    RuntimeException failure = new RuntimeException("of the callback");
    loop.runUntilComplete(() -> {
      loop.addSignalHandler(
          "WINCH",
          () -> {
            throw failure;
          });
      sendToMyself();
      while (failures.isEmpty()) {
        Asyncio.sleep(Duration.ofMillis(1));
      }
    });
    assertThat(failures).containsExactly(failure);
  }

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "STOP", "QUIT", "SIGSEGV"})
  void signalThatIsKeptFromProgramsIsRefused(String signal) {
    assertThatThrownBy(() -> loop.addSignalHandler(signal, () -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cannot be handled: the system or the JVM keeps it for itself");
    assertThat(loop.removeSignalHandler(signal)).isFalse();
  }

  @Test
  void unknownSignalIsRefused() {
    assertThatThrownBy(() -> loop.addSignalHandler("SIGFOO", () -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected a signal of this system, such as HUP or SIGTERM, found 'FOO'");
  }

  @Test
  void foreignThreadAndClosedLoopAreRefused() {
    loop.runUntilComplete(() ->
        assertThatThrownBy(() ->
                CompletableFuture.runAsync(() -> loop.addSignalHandler("WINCH", () -> {})).join())
            .isInstanceOf(CompletionException.class)
            .cause()
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("use callSoonThreadsafe"));
    EventLoop closed = EventLoop.newEventLoop();
    closed.close();
    assertThatThrownBy(() -> closed.addSignalHandler("WINCH", () -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  // ---- beside the signals that end a run, in a JVM of its own

  /** Handles SIGTERM once in place of the cancellation, then leaves it to the run. */
  static final class HandlesOnce {
    public static void main(String[] args) {
      Asyncio.run(() -> {
        EventLoop loop = Asyncio.getRunningLoop();
        Event seen = new Event();
        loop.addSignalHandler("TERM", seen::set);
        System.out.println("ready");
        seen.await();
        System.out.println("handled");
        loop.removeSignalHandler("TERM");
        System.out.println("ready");
        try {
          Asyncio.sleep(Duration.ofDays(1));
        } finally {
          System.out.println("cleaned up");
        }
      });
    }
  }

  /** The loop of the first run has a handler; a second run has none. */
  static final class RunsAgain {
    public static void main(String[] args) {
      Asyncio.run(() -> Asyncio.getRunningLoop().addSignalHandler("TERM", () -> {}));
      HandlesOnce.main(args);
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {HandlesOnce.class, RunsAgain.class})
  void handlerOfTermTakesThePlaceOfTheCancellationUntilItIsRemoved(Class<?> program)
      throws Exception {
    Process process = ChildJvm.start(program, ChildJvm.engine());
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      readUntilReady(reader);
      send("TERM", process.pid());
      assertThat(reader.readLine()).isEqualTo("handled");
      readUntilReady(reader);
      send("TERM", process.pid());
      ChildJvm.Result result = ChildJvm.end(process, reader);
      assertThat(result.output().lines()).containsExactly("cleaned up");
      assertThat(result.exitCode()).isEqualTo(143);
    } finally {
      process.destroyForcibly();
    }
  }

  private static void readUntilReady(BufferedReader reader) throws IOException {
    String line = reader.readLine();
    while (line != null && !line.equals("ready")) {
      line = reader.readLine();
    }
    assertThat(line).isEqualTo("ready");
  }
}
