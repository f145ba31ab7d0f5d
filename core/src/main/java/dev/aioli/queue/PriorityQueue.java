package dev.aioli.queue;

import java.util.Comparator;
import java.util.Objects;

/**
 * A queue that gives the smallest item first, and of equal ones the oldest. As {@code
 * asyncio.PriorityQueue}, which leaves the order of equal items open; and unlike there a comparison
 * that throws leaves the queue unchanged.
 */
public final class PriorityQueue<T> extends Queue<T> {
  /**
   * A queue by the items' natural order.
   *
   * @param maxsize the bound; {@link Queue#UNBOUNDED} or less for none
   */
  public static <T extends Comparable<? super T>> PriorityQueue<T> natural(int maxsize) {
    return new PriorityQueue<>(maxsize, Comparator.naturalOrder());
  }

  /**
   * A queue by the given order.
   *
   * @param maxsize the bound; {@link Queue#UNBOUNDED} or less for none
   * @param order smaller items come first
   */
  public PriorityQueue(int maxsize, Comparator<? super T> order) {
    super(maxsize, new StableHeap<>(Objects.requireNonNull(order, "order")));
  }
}
