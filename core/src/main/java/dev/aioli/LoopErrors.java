package dev.aioli;

/** What a loop says to those who use it in the wrong place. */
final class LoopErrors {
  private LoopErrors() {}

  static IllegalStateException noRunningLoop() {
    return new IllegalStateException(
        "no running event loop in "
            + Thread.currentThread()
            + "; "
            + Blocking.orHint(
                "call this inside Asyncio.run, or enter a loop from outside with"
                    + " runCoroutineThreadsafe or callSoonThreadsafe"));
  }

  static IllegalStateException closed(EventLoop loop) {
    return new IllegalStateException("event loop is closed: " + loop);
  }

  static IllegalStateException ofAnotherLoop(Future<?> future, EventLoop expected) {
    return new IllegalStateException(
        future
            + " belongs to another event loop: expected "
            + expected
            + ", found "
            + future.getLoop());
  }

  static IllegalStateException secondLoop(EventLoop second, EventLoop running) {
    return new IllegalStateException(
        "cannot run "
            + second
            + " while "
            + running
            + " runs in the same thread; await, or create a"
            + " task, instead of running a second loop");
  }
}
