package dev.aioli;

/**
 * A callback that another thread has posted. Whoever posted it was told that it runs, so it does:
 * at the latest when the loop closes.
 */
final class PostedHandle extends Handle {
  PostedHandle(EventLoop loop, Runnable callback, Context context) {
    super(loop, callback, context);
  }
}
