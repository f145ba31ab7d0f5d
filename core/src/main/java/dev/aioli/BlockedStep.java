package dev.aioli;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A step that holds the turn for too long, as the {@link Watchdog} found it.
 *
 * @param who the task or callback
 * @param loop whose turn it holds
 * @param nanos for how long at least
 * @param state of its thread
 * @param stack its frames, innermost first, without those of the engine
 * @param inBlocking whether it is in {@link Asyncio#blocking}, and its thread cannot give way
 */
record BlockedStep(
    String who,
    String loop,
    long nanos,
    Thread.State state,
    List<StackTraceElement> stack,
    boolean inBlocking) {

  /** What to tell the user. */
  String report() {
    return who
        + " has held the turn of "
        + loop
        + " for "
        + nanos / 1_000_000
        + " ms and still does; nothing else runs meanwhile. "
        + advice()
        + stack.stream().map(frame -> "\n    at " + frame).collect(Collectors.joining());
  }

  private String advice() {
    if (inBlocking) {
      return "Code that computes, or that waits where a virtual thread cannot give way (files,"
          + " native code), does not belong into blocking(...): use Asyncio.toThread.";
    }
    if (BlockingCall.isLoading(stack)) {
      return "It loads classes, as the first use of a library does: use the library once before the"
          + " loop runs, or give the machine less else to do.";
    }
    if (state == Thread.State.BLOCKED) {
      String bug = JdkCheck.warning(Runtime.version());
      return "It waits to enter a synchronized block: use dev.aioli.sync.Lock, or call it inside"
          + " Asyncio.blocking(...)."
          + (bug == null ? "" : " If nobody is inside: " + bug + ".");
    }
    BlockingCall call = BlockingCall.in(stack);
    if (call != null) {
      return call.name() + " blocks the event loop: " + call.instead() + ".";
    }
    return state == Thread.State.RUNNABLE
        ? "Split a long computation with Asyncio.sleep(Duration.ZERO), or move it to"
            + " Asyncio.toThread."
        : "It waits without suspending: call it inside Asyncio.blocking(...), or in"
            + " Asyncio.toThread.";
  }

  /** Cuts off what the loop itself has on the stack. */
  static List<StackTraceElement> ownFrames(List<StackTraceElement> stack) {
    for (int i = 0; i < stack.size(); i++) {
      if (isEngine(stack.get(i))) {
        return stack.subList(0, i);
      }
    }
    return stack;
  }

  private static boolean isEngine(StackTraceElement frame) {
    return frame.getClassName().equals(Handle.class.getName())
        || (frame.getClassName().equals(Task.class.getName())
            && frame.getMethodName().equals("runBody"));
  }
}
