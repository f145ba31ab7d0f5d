package dev.aioli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The loop's first-in-first-out ready queue: a ring buffer that doubles when full. */
final class ReadyQueue {
  private static final int INITIAL_CAPACITY = 64;

  /** Power of two long. */
  private @Nullable Ready[] ring = new Ready[INITIAL_CAPACITY];

  private int head;
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(Ready entry) {
    if (size == ring.length) {
      grow();
    }
    ring[(head + size) & (ring.length - 1)] = entry;
    size++;
  }

  /** The oldest entry, or null. */
  @Nullable Ready peek() {
    return ring[head];
  }

  /** Removes the oldest entry; the queue must not be empty. */
  Ready remove() {
    Ready entry = Objects.requireNonNull(ring[head]);
    ring[head] = null;
    head = (head + 1) & (ring.length - 1);
    size--;
    return entry;
  }

  private void grow() {
    @Nullable Ready[] larger = new Ready[ring.length * 2];
    int tail = ring.length - head;
    System.arraycopy(ring, head, larger, 0, tail);
    System.arraycopy(ring, 0, larger, tail, head);
    ring = larger;
    head = 0;
  }
}
