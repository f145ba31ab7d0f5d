package dev.aioli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out whether an await would close a circle of tasks that wait for each other. */
final class AwaitCycle {
  /** So that a look at a huge gather costs little; a circle that long is not found. */
  private static final int MAX_STEPS = 1_000;

  private final Task<?> task;
  private final Set<Future<?>> seen = new HashSet<>();

  /** Of each that leads to the task, one that it waits for and that leads there, too. */
  private final Map<Future<?>, Future<?>> next = new HashMap<>();

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
    return search.leadsToTask(future) ? search.error(future) : null;
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
    if (isLeaf(future) || seen.size() >= MAX_STEPS) {
      return false; // before the hash of each of a hundred thousand tasks in a gather is made
    }
    if (future.done()) {
      return false;
    }
    if (!seen.add(future)) {
      return next.containsKey(future); // "no" while it is looked at: a circle without the task
    }
    Future<?> onward =
        switch (future) {
          case Task<?> other -> onwardFrom(other);
          case GatheringFuture<?> gathering -> firstThatLeads(gathering.children());
          case CombinedFuture<?> combined ->
              combined.needsAll()
                  ? firstThatLeads(combined.others())
                  : lastIfAllLead(combined.others());
          default -> null;
        };
    if (onward != null) {
      next.put(future, onward);
    }
    return onward != null;
  }

  private @Nullable Future<?> onwardFrom(Task<?> other) {
    Future<?> behindAQueue = other.getLoop().awaitedThroughQueues().get(other);
    Future<?> awaited = behindAQueue == null ? other.waitingFor() : behindAQueue;
    return awaited != null && leadsToTask(awaited) ? awaited : null;
  }

  private @Nullable Future<?> firstThatLeads(Collection<? extends Future<?>> futures) {
    for (Future<?> future : futures) {
      if (leadsToTask(future)) {
        return future;
      }
    }
    return null;
  }

  private @Nullable Future<?> lastIfAllLead(Collection<? extends Future<?>> futures) {
    Future<?> last = null;
    for (Future<?> future : futures) {
      if (!leadsToTask(future)) {
        return null;
      }
      last = future;
    }
    return last;
  }

  private IllegalStateException error(Future<?> start) {
    List<Task<?>> circle = new ArrayList<>(List.of(task));
    for (Future<?> at = start; at != task; at = Objects.requireNonNull(next.get(at))) {
      if (at instanceof Task<?> member) {
        circle.add(member);
      }
    }
    circle.add(task);
    return new IllegalStateException(
        "these tasks would wait for each other for ever: "
            + circle.stream().map(Task::getName).collect(Collectors.joining(" -> ")));
  }
}
