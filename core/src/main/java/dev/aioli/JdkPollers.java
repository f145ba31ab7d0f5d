package dev.aioli;

import java.lang.System.Logger.Level;

/**
 * Starts the JDK's socket poller threads before a task, or a loop on a virtual thread, can.
 *
 * <p>They are virtual threads, started by whoever first waits for a socket in this JVM, and they
 * inherit that thread's scheduler. Were it a loop-scheduled task, all socket I/O of the JVM would
 * hang once its loop ends. And if there are no descriptors left for them by then, that wait fails
 * for good: were it the loop of engine hand-over, the loop would end.
 */
final class JdkPollers {
  static {
    try {
      Class.forName("sun.nio.ch.Poller", true, null);
    } catch (ClassNotFoundException | LinkageError e) {
      System.getLogger("dev.aioli")
          .log(Level.WARNING, "Could not start the JDK's socket pollers ahead of time", e);
    }
  }

  private JdkPollers() {}

  /** Returns when they have been started. Only from a thread with the JVM's own scheduler. */
  static void start() {
    // the work is done once, by the class initialiser
  }
}
