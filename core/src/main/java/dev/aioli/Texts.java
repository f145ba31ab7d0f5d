package dev.aioli;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What results, exceptions and callbacks of the user look like in our texts: whatever their {@code
 * toString} does, a log line comes to an end and throws nothing.
 */
final class Texts {
  /** So many texts inside each other; asyncio shows six. */
  private static final int MAX_DEPTH = 10;

  /** What this thread is about to show, innermost first. */
  private static final ThreadLocal<Deque<Object>> INSIDE = ThreadLocal.withInitial(ArrayDeque::new);

  private Texts() {}

  /** The text of an object; "..." in the middle of its own, as in Python. */
  @SuppressWarnings("ReferenceEquality") // the very same object, not one like it
  static String of(@Nullable Object object) {
    if (object == null) {
      return "null";
    }
    Deque<Object> inside = INSIDE.get();
    if (inside.size() >= MAX_DEPTH || inside.stream().anyMatch(outer -> outer == object)) {
      return "...";
    }
    inside.push(object);
    try {
      return String.valueOf(object.toString());
    } catch (Throwable e) { // a class that cannot be loaded, for one
      return object.getClass().getName() + " whose toString() fails with " + e.getClass().getName();
    } finally {
      inside.pop();
      if (inside.isEmpty()) {
        INSIDE.remove();
      }
    }
  }
}
