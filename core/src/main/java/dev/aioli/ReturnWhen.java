package dev.aioli;

/** When {@link Asyncio#await} returns. */
public enum ReturnWhen {
  /** When any is done. */
  FIRST_COMPLETED,
  /** When any has failed, cancellation not counted; if none fails, when all are done. */
  FIRST_EXCEPTION,
  /** When all are done. */
  ALL_COMPLETED;

  /** Whether a wait ends because this future is done, others notwithstanding. */
  boolean endsWith(Future<?> future) {
    return switch (this) {
      case FIRST_COMPLETED -> true;
      case FIRST_EXCEPTION -> !future.cancelled() && future.exception() != null;
      case ALL_COMPLETED -> false;
    };
  }
}
