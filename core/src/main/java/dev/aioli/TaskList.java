package dev.aioli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a loop that are not done, in order of creation: this is what holds them strongly. A
 * linked list through the tasks themselves.
 */
final class TaskList {
  private @Nullable Task<?> first;
  private @Nullable Task<?> last;
  private long created;

  /** The N of the next {@code Task-N}. */
  long nextNumber() {
    return ++created;
  }

  void add(Task<?> task) {
    Task<?> previous = last;
    task.previousTask = previous;
    if (previous == null) {
      first = task;
    } else {
      previous.nextTask = task;
    }
    last = task;
  }

  void remove(Task<?> task) {
    Task<?> previous = task.previousTask;
    Task<?> next = task.nextTask;
    if (previous == null) {
      first = next;
    } else {
      previous.nextTask = next;
    }
    if (next == null) {
      last = previous;
    } else {
      next.previousTask = previous;
    }
    task.previousTask = null;
    task.nextTask = null;
  }

  boolean isEmpty() {
    return first == null;
  }

  /**
   * Calls back with each, in order. Also for a thread without the turn: each next one is younger,
   * and what has been removed has none.
   */
  void forEach(Consumer<Task<?>> action) {
    for (Task<?> task = first; task != null; task = task.nextTask) {
      action.accept(task);
    }
  }

  List<Task<?>> toList() {
    List<Task<?>> tasks = new ArrayList<>();
    for (Task<?> task = first; task != null; task = task.nextTask) {
      tasks.add(task);
    }
    return tasks;
  }
}
