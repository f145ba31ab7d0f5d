package dev.aioli;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.stream.Collectors;

/** Tells which tasks were still running when a run ended. */
final class LeftoverTasks {
  private static final System.Logger LOG = System.getLogger("dev.aioli");

  /** More would hide what comes before and after them in a log. */
  private static final int MAX_SHOWN = 20;

  private LeftoverTasks() {}

  /** In debug mode at level WARNING: many programs leave tasks behind on purpose. */
  static void report(EventLoop loop, List<Task<?>> left) {
    Level level = loop.isDebug() ? Level.WARNING : Level.DEBUG;
    if (LOG.isLoggable(level)) {
      LOG.log(level, describe(left));
    }
  }

  static String describe(List<Task<?>> left) {
    return (left.size() == 1 ? "1 task was" : left.size() + " tasks were")
        + " still running at the end of the run; cancelling:"
        + left.stream().limit(MAX_SHOWN).map(LeftoverTasks::describe).collect(Collectors.joining())
        + (left.size() > MAX_SHOWN ? "\n    and " + (left.size() - MAX_SHOWN) + " more" : "");
  }

  private static String describe(Task<?> task) {
    Throwable source = task.source(); // known in debug mode
    StackTraceElement place = source == null ? null : CallSite.of(source);
    return "\n    " + task + (place == null ? "" : ", created at " + place);
  }
}
