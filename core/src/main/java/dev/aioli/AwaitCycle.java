package dev.aioli;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out whether an await would close a circle of tasks that wait for each other. */
final class AwaitCycle {
  /** So that a look at a huge gather costs little; a circle that long is not found. */
  private static final int MAX_STEPS = 1_000;

  private final Task<?> task;
  private final Map<Future<?>, Boolean> known = new HashMap<>();

  /** The tasks between the future and the task, in the order in which they wait. */
  private final Deque<Task<?>> way = new ArrayDeque<>();

  private AwaitCycle(Task<?> task) {
    this.task = task;
  }

  /**
   * Checks before a task starts to wait for a future.
   *
   * @throws IllegalStateException that prints the circle
   */
  static void check(Task<?> task, Future<?> future) {
    IllegalStateException circle = find(task, future);
    if (circle != null) {
      throw circle;
    }
  }

  /**
   * The error that prints the circle which the task would close by waiting; null if there is none.
   */
  static @Nullable IllegalStateException find(Task<?> task, Future<?> future) {
    if (isLeaf(future) || !task.isAwaited()) {
      return null; // by far the most common cases: nothing to walk
    }
    AwaitCycle search = new AwaitCycle(task);
    return search.leadsToTask(future) ? search.error() : null;
  }

  private static boolean isLeaf(Future<?> future) {
    return switch (future) {
      case Task<?> other -> other.waitingFor() == null;
      case GatheringFuture<?> gathering -> false;
      case CombinedFuture<?> combined -> false;
      default -> true;
    };
  }

  /** Whether the future cannot be done before the task is. */
  private boolean leadsToTask(Future<?> future) {
    if (future == task) {
      return true;
    }
    if (isLeaf(future) || known.size() >= MAX_STEPS) {
      return false; // before the hash of each of a hundred thousand tasks in a gather is made
    }
    Boolean answer = known.get(future);
    if (answer != null) {
      return answer; // also "no" while it is being looked at: a circle without the task
    }
    if (future.done()) {
      return false;
    }
    known.put(future, false);
    boolean leads =
        switch (future) {
          case Task<?> other -> leadsOn(other);
          case GatheringFuture<?> gathering -> anyLeads(gathering.children());
          case CombinedFuture<?> combined ->
              combined.needsAll() ? anyLeads(combined.others()) : allLead(combined.others());
          default -> false;
        };
    known.put(future, leads);
    if (leads && future instanceof Task<?> member) {
      way.addFirst(member);
    }
    return leads;
  }

  private boolean leadsOn(Task<?> other) {
    Future<?> behindAQueue = other.getLoop().awaitedThroughQueues().get(other);
    Future<?> awaited = behindAQueue == null ? other.waitingFor() : behindAQueue;
    return awaited != null && leadsToTask(awaited);
  }

  private boolean anyLeads(Collection<? extends Future<?>> futures) {
    for (Future<?> future : futures) {
      if (leadsToTask(future)) {
        return true;
      }
    }
    return false;
  }

  private boolean allLead(Collection<? extends Future<?>> futures) {
    for (Future<?> future : futures) {
      way.clear(); // one way is enough to be told
      if (!leadsToTask(future)) {
        return false;
      }
    }
    return !futures.isEmpty();
  }

  private IllegalStateException error() {
    List<Task<?>> circle = new ArrayList<>(way);
    circle.addFirst(task);
    circle.addLast(task);
    return new IllegalStateException(
        "these tasks would wait for each other for ever: "
            + circle.stream().map(Task::getName).collect(Collectors.joining(" -> ")));
  }
}
