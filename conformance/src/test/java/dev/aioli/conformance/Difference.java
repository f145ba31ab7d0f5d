package dev.aioli.conformance;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A scenario that does not give the reference's trace: makes it small and shows where. */
final class Difference {
  private static final int LINES_BEFORE = 6;

  private final CPython python;
  private final List<String> reference;

  Difference(CPython python, List<String> reference) {
    this.python = python;
    this.reference = reference;
  }

  /** What there is to say about a scenario. */
  String describe(String scenario) throws IOException, InterruptedException {
    String small = minimised(scenario);
    List<String> expected = lines(ask(reference, small));
    List<String> actual = lines(ask(TestedEngine.runner(), small));
    int at = 0;
    while (at < Math.min(expected.size(), actual.size())
        && expected.get(at).equals(actual.get(at))) {
      at++;
    }
    return "the traces of a scenario differ at line %d\n  minimised: %s\n%s\n  CPython: %s\n  Aioli:   %s\n  as generated: %s"
        .formatted(
            at + 1,
            small,
            expected.subList(Math.max(0, at - LINES_BEFORE), at).stream()
                .map(line -> "           " + line)
                .collect(Collectors.joining("\n")),
            at < expected.size() ? expected.get(at) : "(end)",
            at < actual.size() ? actual.get(at) : "(end)",
            scenario);
  }

  private String minimised(String scenario) throws IOException, InterruptedException {
    List<String> command =
        python.run(
            "minimise.py", "-", "--a", shell(reference), "--b", shell(TestedEngine.runner()));
    String small = ask(command, scenario).strip();
    return small.startsWith("{") ? Json.parse(small).toString() : scenario;
  }

  private static String shell(List<String> command) {
    return command.stream()
        .map(word -> "'" + word.replace("'", "'\\''") + "'")
        .collect(Collectors.joining(" "));
  }

  private static String ask(List<String> command, String line)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedWriter to = process.outputWriter()) {
      to.write(line + "\n");
    }
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroyForcibly();
    }
    return answer;
  }

  private static List<String> lines(String answer) {
    return answer.isBlank()
        ? List.of()
        : Json.parse(answer).path("trace").valueStream().map(node -> node.stringValue()).toList();
  }
}
