package dev.aioli.sync;

/**
 * What {@code acquire} gives: closing it releases. For try-with-resources, which is {@code async
 * with} here:
 *
 * <pre>{@code
 * try (var permit = lock.acquire()) {
 *   ...
 * }
 * }</pre>
 *
 * <p>Each {@code acquire} gives a permit of its own, which releases at the first {@link #close} and
 * does nothing later, so a second close takes nothing away from who has the lock by then. As in
 * asyncio nobody owns a lock: {@code release} works without a permit, from any task, and a permit
 * does not notice. Who calls {@code release} does not close the permit, too: that would release
 * what another task has taken meanwhile.
 */
@FunctionalInterface
public interface Permit extends AutoCloseable {
  /**
   * Releases what was acquired, the first time. Does not suspend. In the turn; may be called by
   * another task than the one that acquired.
   *
   * @throws IllegalStateException if {@code release} was called instead and the lock is free; from
   *     a thread that does not have the turn of the loop
   * @throws IllegalArgumentException if {@code release} was called instead and all permits of a
   *     {@link BoundedSemaphore} are back
   */
  @Override
  void close();
}
