package dev.aioli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The callbacks of a future that has several, in the order in which they came. */
final class CallbackList {
  /*
   * A doubly linked list. Callbacks are taken off by what they call: a short list is searched, a
   * long one gets an index when that happens for the first time, so that thousands who leave one
   * after the other cost no more each than a few do.
   *
   * Searching calls equals() of the user's functions, which may change the list. An entry that has
   * been taken off keeps its `next`, so a search finds its way on; what is added meanwhile is not
   * looked at.
   */
  private static final int LONG = 32;

  private static final class Entry {
    final Object callback;
    @Nullable Entry previous;
    @Nullable Entry next;
    boolean removed;

    /** The one before this whose key is equal. Known to the index only. */
    @Nullable Entry equalBefore;

    Entry(Object callback) {
      this.callback = callback;
    }
  }

  private @Nullable Entry first;
  private @Nullable Entry last;
  private int size;

  /** From a key to its last entry; null until a long list loses one. */
  private @Nullable Map<Object, Entry> index;

  /** Appends a {@link Task} that waits, or a {@link DoneCallback}. */
  void add(Object callback) {
    Entry entry = new Entry(callback);
    Entry before = last;
    entry.previous = before;
    if (before == null) {
      first = entry;
    } else {
      before.next = entry;
    }
    last = entry;
    size++;
    if (index != null) {
      addTo(index, entry);
    }
  }

  /**
   * Takes off all with an equal key: a task, or the function of done callbacks.
   *
   * @return how many they were
   */
  int removeAll(Object key) {
    Map<Object, Entry> known = index;
    if (known == null && size > LONG) {
      known = newIndex();
      index = known;
    }
    return known == null ? removeBySearch(key) : removeByIndex(known, key);
  }

  private Map<Object, Entry> newIndex() {
    Map<Object, Entry> entries = new HashMap<>();
    for (Entry entry = first; entry != null; entry = entry.next) {
      addTo(entries, entry);
    }
    return entries;
  }

  private static void addTo(Map<Object, Entry> index, Entry entry) {
    entry.equalBefore = index.put(key(entry.callback), entry);
  }

  private static Object key(Object callback) {
    return callback instanceof DoneCallback done ? done.function() : callback;
  }

  private int removeByIndex(Map<Object, Entry> known, Object key) {
    int removed = 0;
    for (Entry entry = known.remove(key); entry != null; entry = entry.equalBefore) {
      removed += unlink(entry);
    }
    return removed;
  }

  private int removeBySearch(Object key) {
    int removed = 0;
    int left = size;
    for (Entry entry = first; entry != null && left > 0; entry = entry.next) {
      left--;
      if (isEntryOf(key, entry.callback)) {
        removed += unlink(entry);
      }
    }
    return removed;
  }

  /** Whether a callback is found by this key. */
  static boolean isEntryOf(Object key, @Nullable Object callback) {
    if (key instanceof Task) { // which no function takes itself for
      return key.equals(callback);
    }
    return callback instanceof DoneCallback done && done.function().equals(key);
  }

  private int unlink(Entry entry) {
    if (entry.removed) {
      return 0;
    }
    entry.removed = true;
    Entry before = entry.previous;
    Entry after = entry.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    size--;
    return 1;
  }

  /** The one that came last; null if there is none. */
  @Nullable Object last() {
    return last == null ? null : last.callback;
  }

  /** All of them, in order; a copy. */
  List<Object> toList() {
    List<Object> callbacks = new ArrayList<>(size);
    for (Entry entry = first; entry != null; entry = entry.next) {
      callbacks.add(entry.callback);
    }
    return callbacks;
  }
}
