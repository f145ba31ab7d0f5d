package dev.aioli;

import java.util.List;

/** The tasks of a loop as text: what each waits for, and where it is. */
final class TaskDump {
  /** More are counted, not shown. */
  private static final int MAX_TASKS = 100;

  /** The frames of a task that are shown at most. */
  private static final int MAX_FRAMES = 30;

  private TaskDump() {}

  /**
   * All tasks that are not done, in order of creation. From any thread; from another one than that
   * with the turn it is what could be seen while the loop went on.
   */
  static String of(EventLoop loop) {
    StringBuilder text = new StringBuilder();
    long all = loop.tasks().forEach(MAX_TASKS, task -> add(task, text));
    if (all > MAX_TASKS) {
      text.append("\n  and ").append(all - MAX_TASKS).append(" more");
    }
    return Texts.of(loop) + " has " + all + (all == 1 ? " task" : " tasks") + text;
  }

  private static void add(Task<?> task, StringBuilder text) {
    text.append("\n  ").append(Texts.of(task));
    List<StackTraceElement> frames = framesOf(task);
    for (StackTraceElement frame : frames.subList(0, Math.min(frames.size(), MAX_FRAMES))) {
      text.append("\n    at ").append(frame);
    }
    if (frames.size() > MAX_FRAMES) {
      text.append("\n    ... ").append(frames.size() - MAX_FRAMES).append(" more");
    }
  }

  private static List<StackTraceElement> framesOf(Task<?> task) {
    try {
      return FutureCallGraph.userFrames(task.getStack());
    } catch (RuntimeException e) { // it has just ended, or another thread has it
      return List.of();
    }
  }
}
