package dev.aioli.conformance;

import dev.aioli.Engine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The runner: a scenario a line on standard input, an answer a line on standard output. Options:
 *
 * <ul>
 *   <li>{@code --engine loop-scheduled|hand-over|bare}: the default is the fastest one
 *   <li>{@code --ticks}: times carry the loop's iteration
 *   <li>{@code --guard SECONDS}: end with status 3 when one scenario takes longer (default 60)
 *   <li>{@code --expect FILE}: answer nothing, compare with the answers in the file; at the first
 *       difference say where it is and end with status 1
 * </ul>
 */
public final class RunnerMain {
  private static final int STUCK = 3;

  private Engine engine = Engine.LOOP_SCHEDULED;
  private boolean ticks;
  private int guardSeconds = 60;
  private @Nullable Path expected;

  private RunnerMain() {}

  /** Runs until the end of the input. */
  public static void main(String[] args) throws InterruptedException {
    RunnerMain runner = new RunnerMain();
    try {
      runner.parse(List.of(args).iterator());
    } catch (IllegalArgumentException e) {
      System.err.println("runner: " + e.getMessage());
      System.exit(2);
    }
    int[] status = new int[1];
    Runnable body = () -> status[0] = runner.run();
    // Each engine's loop wants a thread of its kind; given one, it needs no other.
    Thread.Builder builder =
        runner.engine == Engine.HAND_OVER ? Thread.ofVirtual() : Thread.ofPlatform();
    builder.name("runner").start(body).join();
    System.exit(status[0]);
  }

  private void parse(Iterator<String> args) {
    while (args.hasNext()) {
      String arg = args.next();
      switch (arg) {
        case "--engine" -> engine = engine(next(arg, args));
        case "--ticks" -> ticks = true;
        case "--guard" -> guardSeconds = Integer.parseInt(next(arg, args));
        case "--expect" -> expected = Path.of(next(arg, args));
        default ->
            throw new IllegalArgumentException(
                "expected --engine, --ticks, --guard or --expect, found '" + arg + "'");
      }
    }
  }

  private static String next(String option, Iterator<String> args) {
    if (!args.hasNext()) {
      throw new IllegalArgumentException(option + " expects a value");
    }
    return args.next();
  }

  private static Engine engine(String word) {
    for (Engine engine : Engine.values()) {
      if (engine.toString().equals(word)) {
        return engine;
      }
    }
    throw new IllegalArgumentException(
        "--engine expected loop-scheduled, hand-over or bare, found '" + word + "'");
  }

  private int run() {
    try {
      return expected == null ? answerAll() : compareAll(expected);
    } catch (IOException e) {
      System.err.println("runner: " + e);
      return 2;
    }
  }

  private int answerAll() throws IOException {
    Watchdog watchdog = new Watchdog(guardSeconds, STUCK, System.err);
    BufferedReader in = input();
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    while (true) {
      watchdog.pause();
      String line = in.readLine();
      if (line == null) {
        break;
      }
      if (!line.isBlank()) {
        watchdog.started(() -> name(line));
        out.print(answer(line) + "\n");
        if (!in.ready()) {
          out.flush();
        }
      }
    }
    out.flush();
    return 0;
  }

  private int compareAll(Path file) throws IOException {
    Watchdog watchdog = new Watchdog(guardSeconds, STUCK, System.out);
    BufferedReader in = input();
    try (Stream<String> lines = Files.lines(file)) {
      Iterator<String> answers = lines.iterator();
      int count = 0;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        count++;
        if (!answers.hasNext()) {
          System.out.println("unanswered " + count + " " + name(line));
          return 2;
        }
        String where = line;
        int number = count;
        watchdog.started(() -> number + " " + name(where));
        if (!answer(line).equals(answers.next())) {
          System.out.println("different " + count + " " + name(line));
          return 1;
        }
      }
      System.out.println("equal " + count);
      return 0;
    }
  }

  private static String name(String scenario) {
    return Json.parse(scenario).path("name").stringValue("");
  }

  private static BufferedReader input() {
    return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
  }

  private String answer(String line) {
    String name = "";
    List<String> trace;
    try {
      Scenario scenario = Scenario.parse(line);
      name = scenario.name();
      trace = ScenarioRun.trace(scenario, engine, ticks);
    } catch (Throwable e) { // whatever it is, the next scenario must be answered, too
      trace = List.of("= RUNNER " + e);
    }
    return Json.answer(name, trace);
  }
}
