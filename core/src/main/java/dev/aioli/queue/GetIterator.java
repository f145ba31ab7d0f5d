package dev.aioli.queue;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Gets one item after the other until there will be none. */
final class GetIterator<T> implements Iterator<T> {
  private final Supplier<T> get;
  private final Object source;
  private @Nullable T next;

  /**
   * One that asks by {@code get}, which throws a {@link QueueShutDownException} at the end.
   *
   * @param source what is iterated, for errors
   */
  GetIterator(Supplier<T> get, Object source) {
    this.get = get;
    this.source = source;
  }

  @Override
  public boolean hasNext() {
    if (next == null) {
      try {
        next = get.get();
      } catch (QueueShutDownException e) {
        return false;
      }
    }
    return true;
  }

  @Override
  public T next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException("the queue has been shut down: " + source);
    }
    T item = next;
    next = null;
    return item;
  }
}
