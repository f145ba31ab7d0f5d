package dev.aioli.http.server;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import java.util.function.Supplier;

/**
 * Work on a whole body, such as parsing or compressing it. All of it is one step of the loop, for
 * which everybody else waits, so what is large is worked on in a worker thread.
 *
 * <p>That bounds a step only if the work is a fixed amount for each byte: who sends a small body
 * must not be able to choose how long it takes.
 */
final class Bulk {
  /** So much takes a millisecond or two. */
  static final int WORKER_BYTES = 64 * 1024;

  private Bulk() {}

  /**
   * Works on so many bytes. Suspends if they are many.
   *
   * @param work throws nothing checked, and waits for nothing
   */
  @Suspends
  static <T> T work(int bytes, Supplier<? extends T> work) {
    return bytes > WORKER_BYTES ? Asyncio.toThread(work::get) : work.get();
  }
}
