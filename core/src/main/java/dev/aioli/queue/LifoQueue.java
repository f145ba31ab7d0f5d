package dev.aioli.queue;

import java.util.ArrayDeque;
import java.util.List;

/** A queue that gives the newest item first. As {@code asyncio.LifoQueue}. */
public final class LifoQueue<T> extends Queue<T> {
  /**
   * A queue of so many items at most.
   *
   * @param maxsize the bound; {@link Queue#UNBOUNDED} or less for none
   */
  public LifoQueue(int maxsize) {
    super(maxsize, new Stack<>());
  }

  private static final class Stack<T> implements Items<T> {
    private final ArrayDeque<T> items = new ArrayDeque<>();

    @Override
    public void add(T item) {
      items.push(item);
    }

    @Override
    public T remove() {
      return items.pop();
    }

    @Override
    public int size() {
      return items.size();
    }

    @Override
    public List<T> toList() {
      return List.copyOf(items);
    }
  }
}
