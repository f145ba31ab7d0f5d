package dev.aioli.sync;

/**
 * A semaphore that refuses to have more permits than it began with: finds a release too many. As
 * {@code asyncio.BoundedSemaphore}.
 */
public final class BoundedSemaphore extends Semaphore {
  private final int bound;

  /**
   * A semaphore with so many permits, now and at most.
   *
   * @throws IllegalArgumentException if negative
   */
  public BoundedSemaphore(int permits) {
    super(permits);
    bound = permits;
  }

  /**
   * As {@link Semaphore#release}.
   *
   * @throws IllegalArgumentException if all permits are back already (asyncio's ValueError);
   *     nothing is changed
   */
  @Override
  public void release() {
    checkTurn();
    if (value() >= bound) {
      throw new IllegalArgumentException(
          "released too often: expected fewer than "
              + bound
              + " free permits, was "
              + this
              + "; release once for each acquire, or leave that to close() of its permit");
    }
    super.release();
  }
}
