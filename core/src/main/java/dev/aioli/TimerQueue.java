package dev.aioli;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The loop's timers, earliest first and first in, first out among equals: a 4-ary heap in which
 * each timer knows its index, so that a cancelled one leaves at once and nothing piles up.
 *
 * <p>Deadlines stand in an array of their own, siblings side by side: with many timers the time
 * goes into memory that is not in the cache, and comparing need not visit the timers themselves.
 */
final class TimerQueue {
  private static final int ARITY = 4;
  private static final int INITIAL_CAPACITY = 32;

  private @Nullable TimerHandle[] heap = new TimerHandle[INITIAL_CAPACITY];

  /** That of each timer in `heap`. */
  private long[] deadlines = new long[INITIAL_CAPACITY];

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
      deadlines = Arrays.copyOf(deadlines, size * 2);
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
    long deadline = timer.deadlineNanos();
    while (index > 0) {
      int parent = (index - 1) / ARITY;
      if (!isBefore(timer, deadline, parent)) {
        break;
      }
      put(index, at(parent), deadlines[parent]);
      index = parent;
    }
    put(index, timer, deadline);
  }

  private void siftDown(int index, TimerHandle timer) {
    long deadline = timer.deadlineNanos();
    while (true) {
      int first = index * ARITY + 1;
      if (first >= size) {
        break;
      }
      int smallest = first;
      int end = Math.min(first + ARITY, size);
      for (int child = first + 1; child < end; child++) {
        if (isBefore(child, smallest)) {
          smallest = child;
        }
      }
      if (isBefore(timer, deadline, smallest)) {
        break;
      }
      put(index, at(smallest), deadlines[smallest]);
      index = smallest;
    }
    put(index, timer, deadline);
  }

  private boolean isBefore(int index, int other) {
    long deadline = deadlines[index];
    long otherDeadline = deadlines[other];
    return deadline != otherDeadline ? deadline < otherDeadline : at(index).isBefore(at(other));
  }

  private boolean isBefore(TimerHandle timer, long deadline, int other) {
    long otherDeadline = deadlines[other];
    return deadline != otherDeadline ? deadline < otherDeadline : timer.isBefore(at(other));
  }

  private TimerHandle at(int index) {
    return Objects.requireNonNull(heap[index]);
  }

  private void put(int index, TimerHandle timer, long deadline) {
    heap[index] = timer;
    deadlines[index] = deadline;
    timer.heapIndex = index;
  }
}
