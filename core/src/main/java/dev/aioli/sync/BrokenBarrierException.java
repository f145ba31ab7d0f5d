package dev.aioli.sync;

/**
 * Thrown by {@link Barrier#await} when the barrier was reset or aborted. As {@code
 * asyncio.BrokenBarrierError}; unchecked, unlike {@link
 * java.util.concurrent.BrokenBarrierException}.
 */
public final class BrokenBarrierException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An exception that says what happened to the barrier. */
  public BrokenBarrierException(String message) {
    super(message);
  }
}
