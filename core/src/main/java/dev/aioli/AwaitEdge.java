package dev.aioli;

import java.util.Collection;

/**
 * A done callback by which a combinator waits for a future on behalf of another one, so that the
 * call graph has no gap there.
 */
interface AwaitEdge {
  /** Who waits now. */
  Collection<? extends Future<?>> awaiters();
}
