package dev.aioli;

import dev.aioli.lowlevel.HasHolders;
import dev.aioli.lowlevel.WaitQueue.Waiter;
import java.util.List;
import java.util.stream.Collectors;

/** The tasks of a loop as text: what each waits for, and where it is. */
final class TaskDump {
  /** More are counted, not shown. */
  private static final int MAX_TASKS = 100;

  /** The frames of a task that are shown at most. */
  private static final int MAX_FRAMES = 30;

  private static final int MAX_HOLDERS = 5;

  private TaskDump() {}

  /**
   * All tasks that are not done, in order of creation. From any thread; from another one than that
   * with the turn it is what could be seen while the loop went on.
   */
  static String of(EventLoop loop) {
    StringBuilder text = new StringBuilder();
    long[] counted = {0};
    loop.tasks()
        .forEach(task -> {
          if (counted[0]++ < MAX_TASKS) {
            add(task, text);
          }
        });
    long all = counted[0];
    if (all > MAX_TASKS) {
      text.append("\n  and ").append(all - MAX_TASKS).append(" more");
    }
    return Texts.of(loop) + " has " + all + (all == 1 ? " task" : " tasks") + text;
  }

  private static void add(Task<?> task, StringBuilder text) {
    text.append("\n  ").append(Texts.of(task));
    if (task.waitingFor() instanceof Waiter waiter && waiter.owner() instanceof HasHolders owner) {
      try {
        text.append(", ").append(holders(owner));
      } catch (RuntimeException e) { // they change in this moment, in another thread
        text.append(", held by tasks that change");
      }
    }
    text.append(frames(task));
  }

  /** Who holds what others wait for: "held by Task[...]". */
  static String holders(HasHolders owner) {
    List<Task<?>> holders = owner.holders();
    if (!owner.knowsHolders()) {
      return "held by tasks that are known in debug mode only";
    }
    return holders.isEmpty()
        ? "held by no task"
        : "held by "
            + holders.stream().limit(MAX_HOLDERS).map(Texts::of).collect(Collectors.joining(", "))
            + (holders.size() > MAX_HOLDERS ? " and others" : "");
  }

  /** Where those are. */
  static String framesOfHolders(HasHolders owner) {
    return owner.holders().stream()
        .limit(MAX_HOLDERS)
        .map(holder -> "\n  " + Texts.of(holder) + frames(holder))
        .collect(Collectors.joining());
  }

  /** Where a task is, a line for each frame. */
  static String frames(Task<?> task) {
    List<StackTraceElement> frames = framesOf(task);
    return frames.stream()
            .limit(MAX_FRAMES)
            .map(frame -> "\n    at " + frame)
            .collect(Collectors.joining())
        + (frames.size() > MAX_FRAMES ? "\n    ... " + (frames.size() - MAX_FRAMES) + " more" : "");
  }

  private static List<StackTraceElement> framesOf(Task<?> task) {
    try {
      return FutureCallGraph.userFrames(task.getStack());
    } catch (RuntimeException e) { // it has just ended, or another thread has it
      return List.of();
    }
  }
}
