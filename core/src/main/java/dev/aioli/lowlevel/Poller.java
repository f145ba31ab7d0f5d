package dev.aioli.lowlevel;

import java.util.function.BooleanSupplier;

/**
 * Where an event loop waits when nothing is ready, and where its I/O comes from: what the selector
 * is to asyncio and libuv to uvloop.
 *
 * <p>A loop calls {@link #poll} once in every iteration, on its own thread. What became ready is
 * put into the loop by {@link dev.aioli.EventLoop#callSoon}.
 */
public interface Poller extends AutoCloseable {
  /** The {@code timeoutNanos} that means: wait until woken. */
  long FOREVER = Long.MAX_VALUE;

  /**
   * Handles I/O that is ready, waiting for some if there is none.
   *
   * <p>May return early without a reason. Must not return much later than asked, and must return
   * soon after {@link #wakeup}, also if that came before this call. A wait must not start while
   * {@code mayWait} answers false: it is the loop's last look at its queues.
   *
   * @param timeoutNanos how long to wait at most, in nanoseconds; 0 does not wait, {@link #FOREVER}
   *     has no limit
   * @param mayWait whether the loop still has nothing to run
   */
  void poll(long timeoutNanos, BooleanSupplier mayWait);

  /** Ends the wait of {@link #poll} now or, if none is under way, the next one. From any thread. */
  void wakeup();

  /**
   * Whether anything is registered that may bring an event: a loop that waits for nothing else, and
   * for no event either, says that it can never go on. In the turn.
   */
  default boolean mayBringEvents() {
    return true;
  }

  /** Releases what the poller holds. Called once, when the loop closes, while no poll runs. */
  @Override
  default void close() {}
}
