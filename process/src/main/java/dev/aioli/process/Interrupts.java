package dev.aioli.process;

/**
 * Ctrl-C reaches every process of a terminal. It is for the pool's process to decide what that
 * means; its workers must not be gone when it wants them to finish.
 */
final class Interrupts {
  private Interrupts() {}

  /** Has this process ignore SIGINT, where the module {@code jdk.unsupported} is there to do so. */
  static void ignore() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ignore = handler.getField("SIG_IGN").get(null);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("INT"), ignore);
    } catch (ReflectiveOperationException | RuntimeException e) {
      // Then Ctrl-C ends the workers too.
    }
  }
}
