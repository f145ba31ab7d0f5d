package dev.aioli;

/**
 * Carries a thread-local, such as a logger's MDC, along with the {@link Context}: a task starts
 * with the value that its creator had when it created it, and so do callbacks and {@link
 * Asyncio#toThread}. Register it with {@link Context#carry}.
 *
 * <p>Within a task nothing is needed: each has a thread of its own, so what it sets stays its own.
 *
 * @param <T> the type of the value; it must not change after it was captured
 */
public interface ThreadLocalBridge<T> {
  /** The calling thread's value, or a copy if it can change. */
  T capture();

  /** Makes this the calling thread's value. */
  void restore(T value);
}
