package dev.aioli.queue;

import dev.aioli.queue.Queue.Items;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap that is first in, first out among equals, and that a comparator cannot damage by
 * throwing: every comparison of an operation is made before its first change.
 */
final class StableHeap<T> implements Items<T> {
  private record Entry<T>(T item, long sequence) {}

  private final Comparator<? super T> order;
  private @Nullable Entry<T>[] heap = newArray(16);
  private int size;
  private long added;

  StableHeap(Comparator<? super T> order) {
    this.order = order;
  }

  @Override
  public void add(T item) {
    Entry<T> entry = new Entry<>(item, added);
    int target = size;
    while (target > 0 && isBefore(entry, at(parent(target)))) {
      target = parent(target);
    }
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    for (int hole = size; hole != target; hole = parent(hole)) {
      heap[hole] = heap[parent(hole)];
    }
    heap[target] = entry;
    size++;
    added++;
  }

  @Override
  public T remove() {
    int newSize = size - 1;
    Entry<T> first = at(0);
    Entry<T> last = at(newSize);
    int target = newSize == 0 ? 0 : placeFromTop(last, newSize);
    shiftUpPathTo(target);
    heap[target] = last;
    heap[newSize] = null;
    size = newSize;
    return first.item;
  }

  /**
   * Where an entry belongs on the way down along the smaller children, without moving any. As heapq
   * does it, first all the way down and then up again: an entry from the bottom belongs near it, so
   * this takes half of the comparisons.
   */
  private int placeFromTop(Entry<T> entry, int limit) {
    int index = 0;
    for (int child = 1; child < limit; child = 2 * index + 1) {
      boolean right = child + 1 < limit && isBefore(at(child + 1), at(child));
      index = right ? child + 1 : child;
    }
    while (index > 0 && isBefore(entry, at(index))) {
      index = parent(index);
    }
    return index;
  }

  /** Moves every entry on the path from the top to the target one step up, over the top one. */
  private void shiftUpPathTo(int target) {
    Entry<T> moving = at(target);
    for (int index = target; index > 0; index = parent(index)) {
      Entry<T> displaced = at(parent(index));
      heap[parent(index)] = moving;
      moving = displaced;
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public List<T> toList() {
    List<Entry<T>> entries = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      entries.add(at(i));
    }
    entries.sort((a, b) -> isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0);
    return entries.stream().map(Entry::item).toList();
  }

  private boolean isBefore(Entry<T> a, Entry<T> b) {
    int compared = order.compare(a.item, b.item);
    return compared != 0 ? compared < 0 : a.sequence < b.sequence;
  }

  private Entry<T> at(int index) {
    return Objects.requireNonNull(heap[index]);
  }

  private static int parent(int index) {
    return (index - 1) / 2;
  }

  @SuppressWarnings("unchecked") // holds only what add() puts in
  private static <T> @Nullable Entry<T>[] newArray(int length) {
    return (Entry<T>[]) new Entry<?>[length];
  }
}
