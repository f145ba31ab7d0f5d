package dev.aioli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Who waits for a future, and who waits for them: a snapshot. As {@code asyncio.FutureCallGraph} of
 * CPython 3.14.
 *
 * @param future the future or task
 * @param callStack where a task is suspended or runs, innermost frame first, without the engine's
 *     frames; empty for a plain future
 * @param awaitedBy the same for each that waits for it, directly or through a combinator: gather,
 *     shield, await of several, asCompleted, a staggered race, a task group
 */
public record FutureCallGraph(
    Future<?> future, List<StackTraceElement> callStack, List<FutureCallGraph> awaitedBy) {

  private static final Set<String> ENGINE_PACKAGES =
      Set.of("java.lang", "java.util.concurrent.locks", "jdk.internal.misc", "jdk.internal.vm");

  /** Copies the lists. */
  public FutureCallGraph {
    callStack = List.copyOf(callStack);
    awaitedBy = List.copyOf(awaitedBy);
  }

  /** Takes the snapshot, in the loop's turn. As {@code asyncio.capture_call_graph}. */
  public static FutureCallGraph capture(Future<?> future) {
    future.getLoop().checkTurn();
    return capture(future, new HashSet<>());
  }

  private static FutureCallGraph capture(Future<?> future, Set<Future<?>> path) {
    List<FutureCallGraph> awaitedBy = new ArrayList<>();
    if (path.add(future)) { // else a circle: cut here
      for (Future<?> awaiter : future.awaitedBy()) {
        awaitedBy.add(capture(awaiter, path));
      }
      path.remove(future);
    }
    List<StackTraceElement> stack =
        future instanceof Task<?> task ? userFrames(task.getStack()) : List.of();
    return new FutureCallGraph(future, stack, awaitedBy);
  }

  /** Leaves out the engine's frames at both ends: what is below the body and above the wait. */
  static List<StackTraceElement> userFrames(StackTraceElement[] stack) {
    int first = 0;
    while (first < stack.length && isEngineFrame(stack[first])) {
      first++;
    }
    int end = stack.length;
    while (end > first && isEngineFrame(stack[end - 1])) {
      end--;
    }
    return List.of(stack).subList(first, end);
  }

  private static boolean isEngineFrame(StackTraceElement frame) {
    String name = frame.getClassName();
    String packageName = name.substring(0, Math.max(0, name.lastIndexOf('.')));
    return ENGINE_PACKAGES.contains(packageName)
        || name.startsWith("java.util.concurrent.ForkJoin") // which wakes the loop of hand-over
        || name.equals(Task.class.getName())
        || (name.equals(Asyncio.class.getName()) && frame.getMethodName().startsWith("lambda$"))
        || name.equals(LoopScheduledThread.class.getName())
        || name.equals(HandOverThread.class.getName())
        || name.equals(BareThread.class.getName())
        || name.equals(JdkContinuation.class.getName());
  }

  /**
   * The graph as text: the future, its frames, then those who await it, indented. As {@code
   * asyncio.format_call_graph}.
   */
  public String format() {
    StringBuilder text = new StringBuilder();
    format(text, "");
    return text.toString();
  }

  private void format(StringBuilder text, String indent) {
    text.append(indent).append("* ").append(future).append('\n');
    if (!callStack.isEmpty()) {
      text.append(indent).append("  + Call stack:\n");
      for (StackTraceElement frame : callStack) {
        text.append(indent).append("  |   at ").append(frame).append('\n');
      }
    }
    if (!awaitedBy.isEmpty()) {
      text.append(indent).append("  + Awaited by:\n");
      for (FutureCallGraph awaiter : awaitedBy) {
        awaiter.format(text, indent + "     ");
      }
    }
  }
}
