package dev.aioli;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The loop's timers, earliest first and first in, first out among equals: a 4-ary heap in which
 * each timer knows its index, so that a cancelled one leaves at once and nothing piles up.
 */
final class TimerQueue {
  private static final int ARITY = 4;
  private static final int INITIAL_CAPACITY = 32;

  private @Nullable TimerHandle[] heap = new TimerHandle[INITIAL_CAPACITY];
  private int size;

  int size() {
    return size;
  }

  /** The earliest timer, or null. */
  @Nullable TimerHandle peek() {
    return heap[0];
  }

  void add(TimerHandle timer) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    siftUp(size++, timer);
  }

  /** Removes a timer; does nothing if it is not in here. */
  void remove(TimerHandle timer) {
    int index = timer.heapIndex;
    if (index < 0) {
      return;
    }
    timer.heapIndex = -1;
    TimerHandle last = at(--size);
    heap[size] = null;
    if (last == timer) {
      return;
    }
    siftDown(index, last);
    if (last.heapIndex == index) {
      siftUp(index, last);
    }
  }

  void clear() {
    for (int i = 0; i < size; i++) {
      at(i).heapIndex = -1;
    }
    Arrays.fill(heap, null);
    size = 0;
  }

  private void siftUp(int index, TimerHandle timer) {
    while (index > 0) {
      int parent = (index - 1) / ARITY;
      if (!timer.isBefore(at(parent))) {
        break;
      }
      put(index, at(parent));
      index = parent;
    }
    put(index, timer);
  }

  private void siftDown(int index, TimerHandle timer) {
    while (true) {
      int first = index * ARITY + 1;
      if (first >= size) {
        break;
      }
      int smallest = first;
      for (int child = first + 1; child < Math.min(first + ARITY, size); child++) {
        if (at(child).isBefore(at(smallest))) {
          smallest = child;
        }
      }
      if (!at(smallest).isBefore(timer)) {
        break;
      }
      put(index, at(smallest));
      index = smallest;
    }
    put(index, timer);
  }

  private TimerHandle at(int index) {
    return Objects.requireNonNull(heap[index]);
  }

  private void put(int index, TimerHandle timer) {
    heap[index] = timer;
    timer.heapIndex = index;
  }
}
