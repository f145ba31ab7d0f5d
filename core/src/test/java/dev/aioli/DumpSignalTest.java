package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.sync.Lock;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A signal that prints all threads and tasks. */
class DumpSignalTest {
  /** Has a task that waits, and, if it is told so, one that keeps the turn until stdin ends. */
  static final class Program {
    public static void main(String[] args) {
      runOn(
          Boolean.getBoolean("withoutRunner"),
          () -> {
            Lock lock = new Lock();
            lock.acquire();
            Asyncio.createTask(() -> lock.acquire(), "waits");
            Asyncio.sleep(Duration.ZERO);
            AtomicBoolean end = new AtomicBoolean();
            Thread.ofPlatform().daemon().start(() -> awaitEndOfInput(end));
            System.out.println("ready");
            while (!end.get()) {
              if (Boolean.getBoolean("blocks")) {
                Thread.onSpinWait();
              } else {
                Asyncio.sleep(Duration.ofMillis(10));
              }
            }
            System.out.println("went on");
          });
    }

    private static void runOn(boolean ownLoop, ThrowingRunnable body) {
      if (!ownLoop) {
        Asyncio.run(body);
        return;
      }
      try (EventLoop loop = EventLoop.newEventLoop()) {
        loop.setExceptionHandler((_, _) -> {}); // one task is left
        loop.runUntilComplete(body);
      }
    }

    private static void awaitEndOfInput(AtomicBoolean end) {
      try {
        while (System.in.read() >= 0) {
          // the next
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      end.set(true);
    }
  }

  private static String[] options(String... more) {
    return Stream.concat(Stream.of(ChildJvm.engine()), Stream.of(more)).toArray(String[]::new);
  }

  /** What the program says to the signal; then it goes on to its end. */
  private static String dump(String signal, String... options) throws Exception {
    Process process = ChildJvm.start(Program.class, options(options));
    StringBuilder said = new StringBuilder();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      StopSignalsTest.readUntil(reader, "ready");
      new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor();
      String line = reader.readLine();
      while (line != null && !line.contains("Task[waits")) {
        said.append(line).append('\n');
        line = reader.readLine();
      }
      said.append(line).append('\n');
      process.getOutputStream().close();
      said.append(ChildJvm.end(process, reader).output());
    } finally {
      process.destroyForcibly();
    }
    return said.toString();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theSignalThatIsChosenPrintsTheTasksOfTheLoop(boolean blocks) throws Exception {
    String said = dump("USR1", "-Ddev.aioli.dumpSignal=USR1", "-Dblocks=" + blocks);
    assertThat(said)
        .contains("Thread[#", " has 2 tasks")
        .contains("Task[waits pending waiting for Lock[locked, waiters=1]], held by Task[Task-1")
        .contains("went on");
    if (blocks) {
      assertThat(said).contains("Task[Task-1 pending] has held the turn of");
    }
  }

  @Test
  void aLoopThatIsRunWithoutARunnerIsPrintedToo() throws Exception {
    assertThat(dump("USR1", "-Ddev.aioli.dumpSignal=USR1", "-DwithoutRunner=true"))
        .contains(" has 2 tasks", "went on");
  }

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "QUIT", "NOSUCH"})
  void aSignalThatCannotBeHadIsAClearError(String name) throws Exception {
    ChildJvm.Result result = ChildJvm.run(Program.class, options("-Ddev.aioli.dumpSignal=" + name));
    assertThat(result.output())
        .contains("-Ddev.aioli.dumpSignal expected a signal for programs, such as USR1: ");
  }
}
