package dev.aioli;

import java.util.Arrays;

/** The loops that run in this JVM: where a thread finds the one whose turn it has. Usually one. */
final class RunningLoops {
  private static volatile EventLoop[] all = {};

  /** Whether any of them is in debug mode. */
  private static volatile boolean debug;

  private RunningLoops() {}

  /** Not to be changed. */
  static EventLoop[] all() {
    return all;
  }

  static synchronized void add(EventLoop loop) {
    EventLoop[] more = Arrays.copyOf(all, all.length + 1);
    more[all.length] = loop;
    all = more;
    debugChanged();
  }

  static synchronized void remove(EventLoop loop) {
    all = Arrays.stream(all).filter(other -> other != loop).toArray(EventLoop[]::new);
    debugChanged();
  }

  /** Debug mode was switched on or off in one of them. */
  static synchronized void debugChanged() {
    debug = Arrays.stream(all).anyMatch(EventLoop::isDebug);
  }

  /**
   * In debug mode, refuses the use of an object that no loop has seen yet by a thread that has no
   * turn while others have: it will belong to a loop that runs, and nothing orders the two threads.
   */
  static void checkUnbound(Object object) {
    if (debug && EventLoop.currentOrNull() == null) {
      for (EventLoop loop : all) {
        if (loop.isDebug()) {
          throw loop.turn().foreignUse(object);
        }
      }
    }
  }
}
