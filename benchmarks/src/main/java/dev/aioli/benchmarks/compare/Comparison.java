package dev.aioli.benchmarks.compare;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Measures rows on systems, round by round, so that all see the same weather. */
final class Comparison implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int ROUNDS_OF_A_MILLION = 3;

  /** A system that takes so long for so little is measured once: noise is no matter then. */
  private static final double SLOW_NANOS = 3e9;

  private final List<Subject> subjects;
  private final Effort effort;
  private final Consumer<String> progress;
  private final Results results = new Results();
  private final Map<String, WorkerProcess> workers = new HashMap<>();
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  /**
   * A comparison.
   *
   * @param progress gets a line about each row
   */
  Comparison(List<Subject> subjects, Effort effort, Consumer<String> progress) {
    this.subjects = List.copyOf(subjects);
    this.effort = effort;
    this.progress = progress;
  }

  Results run(List<Row> rows) {
    for (Row.Kind kind : Row.Kind.values()) {
      for (Row row : rows) {
        if (row.kind() == kind) {
          measure(effort.tiny() ? row.tiny() : row);
        }
      }
      if (!effort
          .tiny()) { // new processes: what one kind of row taught the compiler is no help to the
        // next
        endWorkers();
      }
    }
    endWorkers();
    return results;
  }

  private void measure(Row row) {
    long start = System.nanoTime();
    if (row.kind() == Row.Kind.MILLION && !effort.tiny()) {
      for (Subject subject : subjects) {
        measure(row, List.of(subject));
        endWorkers();
      }
    } else {
      measure(row, subjects);
    }
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    progress.accept(row.name() + " (" + taken.toSeconds() + " s)");
  }

  private void measure(Row row, List<Subject> among) {
    Map<Subject, List<JsonNode>> samples = new LinkedHashMap<>();
    Set<Subject> slow = new HashSet<>();
    for (Subject subject : among) {
      JsonNode warmUp = ask(subject, row, effort.warmUpMillis(), true);
      if (warmUp != null) {
        samples.put(subject, new ArrayList<>());
        if (warmUp.path("nanos").asDouble() > SLOW_NANOS) {
          slow.add(subject);
        }
      }
    }
    int rounds =
        row.kind() == Row.Kind.MILLION
            ? Math.min(ROUNDS_OF_A_MILLION, effort.rounds())
            : effort.rounds();
    List<Subject> order = new ArrayList<>(samples.keySet());
    for (int round = 0; round < rounds; round++) {
      if (round == 1) {
        order.removeAll(slow);
      }
      for (Subject subject : order) {
        JsonNode sample = ask(subject, row, effort.roundMillis(), false);
        if (sample != null) {
          samples.computeIfAbsent(subject, same -> new ArrayList<>()).add(sample);
        }
      }
      Collections.rotate(order, 1); // nobody always comes after the same one
    }
    samples.forEach((subject, taken) -> addResult(subject, row, taken));
  }

  private void addResult(Subject subject, Row row, List<JsonNode> samples) {
    if (samples.isEmpty()) {
      return;
    }
    List<Double> nanos = samples.stream().map(sample -> per(sample, "nanos")).toList();
    List<Double> bytes = samples.stream().map(sample -> per(sample, "bytes")).toList();
    WorkerProcess worker = workers.get(subject.name());
    results.add(
        new Results.Cell(
            subject.name(),
            subject.column(),
            row,
            Results.median(nanos),
            Results.median(bytes),
            nanos,
            worker == null ? "" : worker.note()));
  }

  private static double per(JsonNode sample, String what) {
    return sample.path(what).asDouble() / sample.path("operations").asDouble();
  }

  /** A sample; null if the system does not have the workload, or fails in it. */
  private @Nullable JsonNode ask(Subject subject, Row row, long millis, boolean first) {
    long minMillis = row.measuresBytes() ? 0 : millis; // memory is the same however long it takes
    String request = row.workload() + " " + row.tasks() + " " + row.depth() + " " + minMillis;
    try {
      WorkerProcess worker = workers.get(subject.name());
      if (worker == null) {
        if (!first) {
          return null; // it has failed in this row
        }
        worker = new WorkerProcess(subject.name(), subject.command(), watchdog, LIMIT);
        workers.put(subject.name(), worker);
      }
      JsonNode answer = worker.ask(request);
      if (answer.has("absent")) {
        return null;
      }
      if (answer.has("operations")) {
        return answer;
      }
      throw new IOException("the worker of " + subject.name() + " answered " + answer);
    } catch (IOException e) {
      results.addFailure(row.name() + ": " + e.getMessage());
      WorkerProcess worker = workers.remove(subject.name());
      if (worker != null) {
        worker.close();
      }
      return null;
    }
  }

  private void endWorkers() {
    workers.values().forEach(WorkerProcess::close);
    workers.clear();
  }

  @Override
  public void close() {
    endWorkers();
    watchdog.shutdownNow();
  }
}
