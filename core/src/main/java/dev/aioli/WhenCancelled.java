package dev.aioli;

/**
 * What becomes of code in another thread when the future of its outcome is cancelled: see {@link
 * EventLoop#runInExecutor(java.util.concurrent.Executor, java.util.concurrent.Callable,
 * WhenCancelled)}. Either way the future is cancelled at once, and code that has not begun yet
 * never does.
 */
public enum WhenCancelled {
  /** It runs to its end; its outcome is dropped. As in asyncio. */
  DETACH,
  /**
   * Its thread is interrupted, if it runs: that ends code that waits in a way that can be
   * interrupted. The interrupt reaches that code only; what the thread does next never sees it. The
   * outcome is dropped.
   */
  INTERRUPT
}
