package dev.aioli;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out whether an await would close a circle of tasks that wait for each other. */
final class AwaitCycle {
  /** So that a look at a huge gather costs little; a circle that long is not found. */
  private static final int MAX_STEPS = 1_000;

  private AwaitCycle() {}

  /**
   * Checks before a task starts to wait for a future.
   *
   * @throws IllegalStateException that prints the circle
   */
  static void check(Task<?> task, Future<?> future) {
    if (isLeaf(future)) {
      return; // by far the most common case: nothing to walk
    }
    List<Task<?>> circle = find(task, future);
    if (circle != null) {
      throw new IllegalStateException(
          "these tasks would wait for each other for ever: "
              + circle.stream().map(Task::getName).collect(Collectors.joining(" -> ")));
    }
  }

  private static boolean isLeaf(Future<?> future) {
    return switch (future) {
      case Task<?> task -> task.waitingFor() == null;
      case GatheringFuture<?> gathering -> false;
      default -> true;
    };
  }

  /**
   * Depth first from the future towards what it waits for; the path back to the task is the circle.
   */
  private static @Nullable List<Task<?>> find(Task<?> task, Future<?> start) {
    record Step(Future<?> future, @Nullable Step from) {}
    Deque<Step> open = new ArrayDeque<>(List.of(new Step(start, null)));
    Set<Future<?>> seen = new HashSet<>();
    while (!open.isEmpty() && seen.size() < MAX_STEPS) {
      Step step = open.pop();
      if (step.future == task) {
        List<Task<?>> circle = new ArrayList<>();
        for (Step at = step; at != null; at = at.from) {
          if (at.future instanceof Task<?> member) {
            circle.add(member);
          }
        }
        circle.add(task);
        Collections.reverse(circle);
        return circle;
      }
      if (seen.add(step.future) && !step.future.done()) {
        switch (step.future) {
          case Task<?> member -> {
            Future<?> next = member.waitingFor();
            if (next != null) {
              open.push(new Step(next, step));
            }
          }
          case GatheringFuture<?> gathering ->
              gathering.children().stream()
                  .limit(MAX_STEPS - seen.size())
                  .forEach(child -> open.push(new Step(child, step)));
          default -> {}
        }
      }
    }
    return null;
  }
}
