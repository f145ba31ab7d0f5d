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
 * <p>As in asyncio nobody owns a lock or a permit: closing is the same as calling {@code release},
 * and closing twice releases twice.
 */
@FunctionalInterface
public interface Permit extends AutoCloseable {
  /** Releases what was acquired. Does not suspend. */
  @Override
  void close();
}
