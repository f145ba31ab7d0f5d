package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ctrl-C and SIGTERM in a JVM of its own. */
class StopSignalsTest {
  enum Signal {
    INT(2, "dev.aioli.KeyboardInterrupt: interrupted by the user"),
    TERM(15, "dev.aioli.SystemExit: exit code 143");

    final int number;
    final String thrown;

    Signal(int number, String thrown) {
      this.number = number;
      this.thrown = thrown;
    }

    int exitStatus() {
      return 128 + number;
    }

    void send(Process process) throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-" + this, Long.toString(process.pid())).start().waitFor();
    }

    /** A shell gives a job in the background an ignored SIGINT, and its JVMs inherit that. */
    void skipWhereIgnored() throws IOException {
      Path status = Path.of("/proc/self/status");
      assumeTrue(Files.exists(status), "needs /proc to see whether signals are ignored");
      long ignored =
          Files.readAllLines(status).stream()
              .filter(line -> line.startsWith("SigIgn:"))
              .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
              .findFirst()
              .orElse(0);
      boolean isIgnored = (ignored & 1L << (number - 1)) != 0;
      if (isIgnored) {
        System.err.println(
            "NOT TESTED: SIG" + this + ", since it is ignored here: run in the foreground");
      }
      assumeTrue(!isIgnored, "SIG" + this + " is ignored here");
    }
  }

  private static void waitAndCleanUp() {
    Asyncio.run(() -> {
      Asyncio.createTask(() -> {
        try {
          Asyncio.sleep(Duration.ofDays(1));
        } finally {
          Asyncio.sleep(Duration.ofMillis(1));
          System.out.println("left-over task cleaned up");
        }
      });
      Asyncio.sleep(Duration.ZERO);
      System.out.println("ready");
      try {
        Asyncio.sleep(Duration.ofDays(1));
      } finally {
        Asyncio.sleep(Duration.ofMillis(1));
        System.out.println("main task cleaned up");
      }
    });
  }

  /** Lets come out of its main what comes out of the run; has a shutdown hook. */
  static final class Waits {
    public static void main(String[] args) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
      try {
        waitAndCleanUp();
      } finally {
        System.out.println("end of main");
      }
    }
  }

  /** Makes two runs. */
  static final class RunsTwice {
    public static void main(String[] args) {
      Asyncio.run(() -> System.out.println("first"));
      Asyncio.run(() -> System.out.println("second"));
    }
  }

  /** Wants no clean-up at a signal. */
  static final class LeavesSignalsAlone {
    public static void main(String[] args) {
      try (Runner runner = new Runner().handleSignals(false)) {
        runner.run(() -> System.out.println("done"));
      }
    }
  }

  /** Says how the run ended, and goes on. */
  static final class Catches {
    public static void main(String[] args) {
      try {
        waitAndCleanUp();
      } catch (KeyboardInterrupt | SystemExit e) {
        System.out.println(e);
      }
    }
  }

  /** Takes the cancellation for a request to return. */
  static final class Returns {
    public static void main(String[] args) {
      String result =
          Asyncio.run(() -> {
            System.out.println("ready");
            try {
              Asyncio.sleep(Duration.ofDays(1));
              return "slept";
            } catch (CancelledError e) {
              return "returned";
            }
          });
      System.out.println(result);
    }
  }

  /** Never comes to the end of its clean-up. */
  static final class Refuses {
    public static void main(String[] args) {
      Asyncio.run(() -> {
        System.out.println("ready");
        while (true) {
          try {
            Asyncio.sleep(Duration.ofDays(1));
          } catch (CancelledError e) {
            System.out.println("refused");
          }
        }
      });
    }
  }

  /** Leaves signals to the JVM. */
  static final class DoesNotHandle {
    public static void main(String[] args) {
      try (Runner runner = new Runner().handleSignals(false)) {
        runner.run(() -> {
          System.out.println("ready");
          Asyncio.sleep(Duration.ofDays(1));
        });
      } finally {
        System.out.println("end of main");
      }
    }
  }

  /** A task does something to the main one, in the turn in which the signal comes. */
  private static void signalInTheTurn(Consumer<Task<?>> inTheSameTurn) {
    try {
      Asyncio.run(() -> {
        System.out.println("ready");
        Task<?> main = Steps.current();
        Asyncio.createTask(() -> {
          Asyncio.sleep(Duration.ZERO);
          inTheSameTurn.accept(main);
          sendToMyself();
        });
        Asyncio.sleep(Duration.ofDays(1));
      });
    } catch (KeyboardInterrupt | SystemExit | CancelledError e) {
      System.out.println(e);
    }
  }

  /** Returns when the JVM's thread for signals has posted what the run does about it. */
  private static void sendToMyself() throws Exception {
    EventLoop loop = Asyncio.getRunningLoop();
    new ProcessBuilder(
            "kill",
            "-" + System.getProperty("signal"),
            Long.toString(ProcessHandle.current().pid()))
        .start()
        .waitFor();
    while (!loop.iterations().hasPosts()) {
      Thread.sleep(1);
    }
  }

  /** Somebody else cancels the main task in the turn in which the signal comes. */
  static final class CancelledInTheSameTurn {
    public static void main(String[] args) {
      signalInTheTurn(Task::cancel);
    }
  }

  /** Somebody else has thought better of it. */
  static final class CancelTakenBackInTheSameTurn {
    public static void main(String[] args) {
      signalInTheTurn(main -> {
        main.cancel();
        main.uncancel();
      });
    }
  }

  /** The main task ends by an error of its own kind before the signal's request gets to it. */
  static final class GivesUpByItself {
    public static void main(String[] args) {
      try {
        Asyncio.run(() -> {
          System.out.println("ready");
          sendToMyself();
          throw new CancelledError("by itself");
        });
      } catch (KeyboardInterrupt | SystemExit | CancelledError e) {
        System.out.println(e);
      }
    }
  }

  static void readUntil(BufferedReader reader, String expected) throws IOException {
    String line = reader.readLine();
    while (line != null && !line.equals(expected)) {
      line = reader.readLine();
    }
    assertThat(line).isEqualTo(expected);
  }

  /** Starts a program, waits until it is ready, and sends it the signal. */
  static ChildJvm.Result stop(Signal signal, Class<?> program, String... options) throws Exception {
    signal.skipWhereIgnored();
    Process process =
        ChildJvm.start(
            program,
            Stream.concat(Stream.of(ChildJvm.engine()), Stream.of(options)).toArray(String[]::new));
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      readUntil(reader, "ready");
      signal.send(process);
      return ChildJvm.end(process, reader);
    } finally {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @EnumSource
  void firstOneCancelsTheMainTaskAndTheJvmEndsAfterTheCleanUp(Signal signal) throws Exception {
    ChildJvm.Result result = stop(signal, Waits.class);
    assertThat(result.output().lines())
        .containsExactly(
            "main task cleaned up", "left-over task cleaned up", "end of main", "hook");
    assertThat(result.exitCode()).isEqualTo(signal.exitStatus());
  }

  @ParameterizedTest
  @EnumSource
  void programMayCatchWhatTheRunThrows(Signal signal) throws Exception {
    ChildJvm.Result result = stop(signal, Catches.class);
    assertThat(result.output().lines())
        .containsExactly("main task cleaned up", "left-over task cleaned up", signal.thrown);
    assertThat(result.exitCode()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void mainTaskThatReturnsEndsTheRunAsUsual(Signal signal) throws Exception {
    ChildJvm.Result result = stop(signal, Returns.class);
    assertThat(result.output().lines()).containsExactly("returned");
    assertThat(result.exitCode()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void secondOneEndsTheJvmAtOnceWhileTheCleanUpHangs(Signal signal) throws Exception {
    signal.skipWhereIgnored();
    Process process = ChildJvm.start(Refuses.class, ChildJvm.engine());
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      readUntil(reader, "ready");
      signal.send(process);
      readUntil(reader, "refused");
      signal.send(process);
      assertThat(ChildJvm.end(process, reader).exitCode()).isEqualTo(signal.exitStatus());
    } finally {
      process.destroyForcibly();
    }
  }

  private static ChildJvm.Result stopsItself(Signal signal, Class<?> program) throws Exception {
    signal.skipWhereIgnored();
    List<String> options = new ArrayList<>(List.of(ChildJvm.engine()));
    options.add("-Dsignal=" + signal);
    Process process = ChildJvm.start(program, options.toArray(String[]::new));
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      readUntil(reader, "ready");
      return ChildJvm.end(process, reader);
    } finally {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest // as CPython: both requests have been counted when the task ends
  @EnumSource
  void cancelOfSomebodyElseInTheSameTurnIsWhatComesOut(Signal signal) throws Exception {
    assertThat(stopsItself(signal, CancelledInTheSameTurn.class).output().lines())
        .containsExactly("dev.aioli.CancelledError");
  }

  @ParameterizedTest
  @EnumSource
  void cancelThatWasTakenBackDoesNotHideTheSignal(Signal signal) throws Exception {
    assertThat(stopsItself(signal, CancelTakenBackInTheSameTurn.class).output().lines())
        .containsExactly(signal.thrown);
  }

  @ParameterizedTest
  @EnumSource
  void signalIsNotLostIfTheTaskEndsBeforeItsRequestComes(Signal signal) throws Exception {
    assertThat(stopsItself(signal, GivesUpByItself.class).output().lines())
        .containsExactly(signal.thrown);
  }

  @ParameterizedTest
  @EnumSource
  void runnerThatDoesNotHandleThemLeavesThemToTheJvm(Signal signal) throws Exception {
    ChildJvm.Result result = stop(signal, DoesNotHandle.class);
    assertThat(result.output()).isEmpty();
    assertThat(result.exitCode()).isEqualTo(signal.exitStatus());
  }

  /** A module of a user requires dev.aioli and nothing else. */
  @ParameterizedTest
  @EnumSource
  void firstOneCancelsTheMainTaskOnAModulePath(Signal signal) throws Exception {
    signal.skipWhereIgnored();
    Process process = ChildJvm.startModule(Waits.class, "-Ddev.aioli.engine=" + Engine.HAND_OVER);
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      readUntil(reader, "ready");
      signal.send(process);
      ChildJvm.Result result = ChildJvm.end(process, reader);
      assertThat(result.output().lines())
          .containsExactly(
              "main task cleaned up", "left-over task cleaned up", "end of main", "hook");
      assertThat(result.exitCode()).isEqualTo(signal.exitStatus());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void runTellsOnceThatTheJvmHasNoSignals() throws Exception {
    List<String> options = new ArrayList<>(List.of(ChildJvm.engine()));
    options.add("--limit-modules=java.base");
    ChildJvm.Result result = ChildJvm.run(RunsTwice.class, options.toArray(String[]::new));
    assertThat(result.output())
        .containsOnlyOnce("--add-modules jdk.unsupported")
        .containsSubsequence("WARNING", "Ctrl-C and SIGTERM", "first", "second");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void programWithSignalsIsToldNothing() throws Exception {
    ChildJvm.Result result = ChildJvm.run(RunsTwice.class, ChildJvm.engine());
    assertThat(result.output()).doesNotContain("jdk.unsupported");
  }

  @Test
  void runnerThatLeavesSignalsAloneIsToldNothing() throws Exception {
    ChildJvm.Result result = ChildJvm.run(LeavesSignalsAlone.class, "--limit-modules=java.base");
    assertThat(result.output()).contains("done").doesNotContain("jdk.unsupported");
  }
}
