package dev.aioli.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A line of the table.
 *
 * @param name what users call it
 * @param workload what a worker calls it
 * @param tasks how many tasks take part; see benchmarks/README.md
 * @param depth how many frames lie between a task's start and its work
 * @param kind which part of the table it belongs to
 */
record Row(String name, String workload, int tasks, int depth, Kind kind) {
  /** The parts of the table. The rows of one are measured by the same processes. */
  enum Kind {
    /** One operation of one primitive. */
    OPERATIONS("Operations"),
    /** The same at the bottom of a deep stack. */
    DEEP("Stacks 20 frames deep"),
    /** The cost of an operation for more and more tasks. */
    SCALING("Scaling"),
    /** What a million tasks take; each system alone, since their heaps together are too large. */
    MILLION("A million tasks");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    String title() {
      return title;
    }
  }

  private static final int DEPTH = 20;
  private static final int MILLION = 1_000_000;
  private static final int MANY = 100_000;
  private static final int MANY_FOR_WARM_UP = 10_000;

  /** The nine that suspend each time. */
  private static final List<String> DEEP =
      List.of(
          "yield-1",
          "yield-2",
          "semaphore",
          "lock",
          "condition",
          "event",
          "queue-1",
          "timers",
          "executor");

  private static final List<Row> OPERATIONS =
      List.of(
          operation("yield-1", "yield", 1),
          operation("yield-2", "yield", 2),
          operation("spawn-await", "spawn-await", 1),
          operation("spawn-many", "spawn-many", 100_000),
          operation("spawn-cancel", "spawn-cancel", 100_000),
          operation("uncontended", "uncontended", 1),
          operation("semaphore", "semaphore", 60),
          operation("lock", "lock", 10),
          operation("condition", "condition", 2),
          operation("event", "event", 10_000),
          operation("queue-1", "queue-1", 8),
          operation("queue-1024", "queue-1024", 8),
          operation("priority-queue", "priority-queue", 8),
          operation("priority-queue-filled", "priority-queue-filled", 100_000),
          operation("timers", "timers", 100_000),
          operation("executor", "executor", 1),
          operation("posts", "posts", 10_000),
          operation("from-outside", "from-outside", 1),
          operation("blocking", "blocking", 1));

  private static Row operation(String name, String workload, int tasks) {
    return new Row(name, workload, tasks, 0, Kind.OPERATIONS);
  }

  /** All of them, in the order of the table. */
  static List<Row> all() {
    List<Row> rows = new ArrayList<>(OPERATIONS);
    OPERATIONS.stream().filter(row -> DEEP.contains(row.name)).map(Row::deep).forEach(rows::add);
    for (int tasks : new int[] {10, 1_000, 100_000, MILLION}) {
      Stream.of(
              scaling("yield", "yield", tasks),
              scaling("semaphore", "semaphore", tasks),
              scaling("timers", "short-timers", tasks))
          .forEach(rows::add);
    }
    rows.add(new Row("parked", "parked", MILLION, 0, Kind.MILLION));
    rows.sort((a, b) -> a.kind.compareTo(b.kind)); // stable
    return List.copyOf(rows);
  }

  private Row deep() {
    return new Row("deep-" + name, workload, tasks, DEPTH, Kind.DEEP);
  }

  private static Row scaling(String name, String workload, int tasks) {
    Kind kind = tasks == MILLION ? Kind.MILLION : Kind.SCALING;
    return new Row(name + "@" + tasks, workload, tasks, 0, kind);
  }

  /** The same with so few tasks that it only shows that it works. */
  Row tiny() {
    return new Row(name, workload, Math.min(tasks, 10), depth, kind);
  }

  /** The same with as many tasks as it takes to have the code compiled. */
  Row forWarmUp() {
    return new Row(name, workload, Math.min(tasks, MANY_FOR_WARM_UP), depth, kind);
  }

  /**
   * How many times longer than others its rounds are. The stacks of many tasks keep the garbage
   * collector busy, and a short round has a pause or has none.
   */
  int roundFactor() {
    return tasks >= MANY ? 4 : 1;
  }

  /** Whether memory is what counts. */
  boolean measuresBytes() {
    return workload.equals("parked");
  }
}
