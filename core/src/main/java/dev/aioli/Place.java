package dev.aioli;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where a task stands, in a few words: "in Queue.put at app.Main.main(Main.java:12)". */
final class Place {
  private static final Set<String> OWN_PACKAGES =
      Set.of(
          "dev.aioli",
          "dev.aioli.lowlevel",
          "dev.aioli.net",
          "dev.aioli.process",
          "dev.aioli.queue",
          "dev.aioli.sync");

  private Place() {}

  /**
   * The innermost frame of the program, and what it called; if all is Aioli's, the innermost frame
   * above the engine.
   *
   * @param stack innermost frame first
   * @return null if there are no frames
   */
  static @Nullable String of(StackTraceElement[] stack) {
    for (int i = 0; i < stack.length; i++) {
      if (!isOwn(stack[i]) && !isOfJdk(stack[i])) {
        String called = calledFrom(stack, i);
        return (called == null ? "" : "in " + called + " ") + "at " + stack[i];
      }
    }
    var frames = FutureCallGraph.userFrames(stack);
    return frames.isEmpty() ? null : "at " + frames.getFirst();
  }

  /** The same with the task's name. */
  static String of(Task<?> task, StackTraceElement[] stack) {
    String place = of(stack);
    return task.getName() + (place == null ? " was not done" : " was " + place);
  }

  /** What keeps a future: of a task where it is now. */
  static String ofPending(Future<?> future) {
    return future instanceof Task<?> task
        ? of(task, task.getStack())
        : Texts.of(future) + " was not done";
  }

  /** What the program's frame called: of Aioli, if it did; else whatever it is. */
  private static @Nullable String calledFrom(StackTraceElement[] stack, int caller) {
    for (int i = caller - 1; i >= 0; i--) {
      if (isOwn(stack[i]) && !isOfLimit(stack[i])) {
        return nameOf(stack[i]);
      }
    }
    return caller == 0 ? null : nameOf(stack[caller - 1]);
  }

  private static String nameOf(StackTraceElement frame) {
    String owner = frame.getClassName();
    return owner.substring(owner.lastIndexOf('.') + 1).replace('$', '.')
        + "."
        + frame.getMethodName();
  }

  private static boolean isOwn(StackTraceElement frame) {
    String owner = frame.getClassName();
    return owner.startsWith("dev.aioli.http.")
        || OWN_PACKAGES.contains(owner.substring(0, Math.max(0, owner.lastIndexOf('.'))));
  }

  private static boolean isOfJdk(StackTraceElement frame) {
    String owner = frame.getClassName();
    return owner.startsWith("java.") || owner.startsWith("jdk.") || owner.startsWith("sun.");
  }

  /** Between the program and what it gave the limit as a block, as {@code queue::get}. */
  private static boolean isOfLimit(StackTraceElement frame) {
    String method = frame.getMethodName();
    return frame.getClassName().equals(Timeout.class.getName())
        || (frame.getClassName().equals(Asyncio.class.getName())
            && (method.startsWith("timeout")
                || method.startsWith("waitFor")
                || method.startsWith("lambda$")));
  }
}
