package dev.aioli;

/**
 * A callback that was posted by {@link EventLoop#callSoonThreadsafe}: any thread may call it off.
 * Whoever posted it was told that it runs, so it does: at the latest when the loop closes.
 */
final class ThreadsafeHandle extends Handle {
  ThreadsafeHandle(EventLoop loop, Runnable callback, Context context) {
    super(loop, callback, context);
  }

  /** Has no effect on a callback that runs already, and does not wait for it. */
  @Override
  public void cancel() {
    callOff();
  }
}
