package dev.aioli.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.aioli.Runner;
import dev.aioli.ThrowingRunnable;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ResourceLock(Resources.SYSTEM_OUT)
class ExamplesTest {
  static List<String> names() {
    return Examples.all().stream().map(Example::name).toList();
  }

  /** asyncio itself speaks neither HTTP nor WebSocket. */
  static List<String> namesWithTwin() {
    return names().stream()
        .filter(name -> !List.of("chat", "reverse-proxy").contains(name))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("names")
  void printsWhatItsHeadCommentSays(String name) throws Exception {
    Example example = Examples.find(name).orElseThrow();
    List<String> expected = HeadComment.expectedOutput(name);

    assertThat(expected).as("the output in %s", HeadComment.source(name)).isNotEmpty();
    assertThat(Captured.output(example::run)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--pool thread", "--pool process", "--pool=process"})
  void theExecutorExamplePrintsTheSameWithEveryPool(String options) throws Exception {
    Example example = Examples.find("executor").orElseThrow();

    assertThat(Captured.output(() -> example.run(options.split(" "))))
        .isEqualTo(HeadComment.expectedOutput("executor"));
  }

  @Test
  void theExecutorExampleSaysWhichPoolsThereAre() {
    Example example = Examples.find("executor").orElseThrow();

    assertThatThrownBy(() -> example.run("--pool", "fork"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected --pool thread or --pool process, was --pool fork");
  }

  /** So the same order is shown for both: see {@link #printsWhatItsHeadCommentSays}. */
  @ParameterizedTest
  @MethodSource("namesWithTwin")
  void itsTwinInCPythonPrintsTheSame(String name) throws IOException {
    String python = CPython.COMMAND;
    if (python == null) {
      String message = "NOT COMPARED with CPython: " + name + " (no CPython 3.13 found)";
      System.err.println(message);
      abort(message);
    }
    assertThat(CPython.run(python, HeadComment.pythonTwin(name).toString()))
        .isEqualTo(HeadComment.expectedOutput(name));
  }

  record Timed(String name, ThrowingRunnable program, Duration duration) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Timed> timed() {
    return Stream.of(
        new Timed("lock", LockExample::program, Duration.ofMillis(100 + 10 + 10)),
        new Timed("condition", ConditionExample::program, Duration.ofMillis(4 * 100)),
        new Timed("event", EventExample::program, Duration.ofMillis(100)),
        new Timed("priority-queue", PriorityQueueExample::program, Duration.ofMillis(4 * 20)));
  }

  @ParameterizedTest
  @MethodSource("timed")
  void takesJustTheTimeThatItSleeps(Timed example) throws Exception {
    var time = new VirtualTime();
    List<String> output;
    try (var runner = new Runner(time::newEventLoop)) {
      output = Captured.output(() -> runner.run(callable(example.program)));
    }

    assertThat(output).isEqualTo(HeadComment.expectedOutput(example.name));
    assertThat(time.elapsed()).isEqualTo(example.duration);
  }

  private static Callable<String> callable(ThrowingRunnable program) {
    return () -> {
      program.run();
      return "done";
    };
  }

  @Test
  void isListedInTheIndex() throws IOException {
    String index = Files.readString(HeadComment.index());

    for (Example example : Examples.all()) {
      assertThat(index)
          .contains(
              "| `./aioli example %s` | [%s](src/main/java/dev/aioli/examples/%<s) | %s |"
                  .formatted(
                      example.name(),
                      HeadComment.source(example.name()).getFileName(),
                      example.summary()));
    }
  }
}
