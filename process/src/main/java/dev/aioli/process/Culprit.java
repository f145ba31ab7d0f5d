package dev.aioli.process;

import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.lang.StackWalker.StackFrame;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out which object inside another cannot be serialized, and how to get to it. */
@SuppressWarnings("ReferenceEquality") // it looks for the very object, not for one like it
final class Culprit extends ObjectOutputStream {
  /*
   * Serialization visits objects depth first and asks replaceObject about each before it writes
   * it, so the last one asked about is the culprit. How deep it is tells the number of
   * writeObject0 on the stack; the last object of every smaller depth is on the way to it. That
   * costs a walk of the stack per object, hence a second pass, and only after a failure.
   */

  private static final int MOST_OBJECTS = 100_000;

  private final List<Object> path = new ArrayList<>();
  private int visited;
  private boolean found;

  private Culprit() throws IOException {
    super(OutputStream.nullOutputStream());
    enableReplaceObject(true);
  }

  /** Why an object could not be serialized, with the path to the part that is to blame. */
  static String describe(@Nullable Object root, Throwable failure) {
    if (root == null || failure instanceof VirtualMachineError) {
      return SafeText.of(failure);
    }
    String reason =
        failure instanceof NotSerializableException
            ? failure.getMessage() + " is not Serializable"
            : SafeText.of(failure);
    String path = pathIn(root);
    String advice =
        failure instanceof NotSerializableException
                && !(root instanceof Serializable)
                && root.getClass().isSynthetic()
            ? " (a lambda is, if it is written where a dev.aioli.process.Job is expected, or inside"
                + " Job.of)"
            : "";
    return reason + (path.isEmpty() ? "" : "; found at: " + path) + advice;
  }

  private static String pathIn(Object root) {
    try (Culprit search = new Culprit()) {
      try {
        search.writeObject(root);
        return ""; // it worked this time
      } catch (Throwable e) { // what the object's own code throws
        return search.visited > MOST_OBJECTS ? "" : search.render();
      }
    } catch (Throwable e) { // a list or a key of the user's
      return "";
    }
  }

  @Override
  protected Object replaceObject(Object object) {
    if (found || ++visited > MOST_OBJECTS) {
      return object;
    }
    int depth =
        StackWalker.getInstance()
            .walk(frames -> (int) frames.filter(Culprit::isWriteOfAnObject).count());
    if (depth <= 1 && !path.isEmpty()) {
      found = true; // the stream goes on to write the exception
      return object;
    }
    while (path.size() >= depth) {
      path.removeLast();
    }
    path.add(object);
    return object;
  }

  private static boolean isWriteOfAnObject(StackFrame frame) {
    return frame.getMethodName().equals("writeObject0")
        && frame.getClassName().equals(ObjectOutputStream.class.getName());
  }

  private String render() {
    List<String> steps = new ArrayList<>();
    for (int i = 0; i < path.size(); i++) {
      Object parent = path.get(i);
      if (i + 1 == path.size()) {
        steps.add(nameOf(parent));
      } else if (parent instanceof SerializedLambda lambda
          && path.get(i + 1) instanceof Object[] arguments
          && i + 2 < path.size()) {
        i++; // the array of what it captured
        steps.add(nameOf(lambda) + " captured argument " + indexOf(path.get(i + 1), arguments));
      } else {
        steps.add(nameOf(parent) + edge(parent, path.get(i + 1)));
      }
    }
    return steps.stream().collect(Collectors.joining(" -> "));
  }

  private static String nameOf(Object object) {
    return object instanceof SerializedLambda lambda
        ? "lambda in " + lambda.getCapturingClass().replace('/', '.')
        : object.getClass().getTypeName();
  }

  /** How to get from an object to one that it holds, if that can be told. */
  private static String edge(Object parent, Object child) {
    if (parent instanceof Object[] array) {
      return "[" + indexOf(child, array) + "]";
    }
    for (Class<?> type = parent.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (holds(field, parent, child)) {
          return "." + field.getName();
        }
      }
    }
    return switch (parent) {
      case List<?> list -> "[" + indexOf(child, list.toArray()) + "]";
      case Map<?, ?> map -> "{" + keyOf(child, map) + "}";
      default -> "";
    };
  }

  private static boolean holds(Field field, Object parent, Object child) {
    try {
      return !Modifier.isStatic(field.getModifiers())
          && !field.getType().isPrimitive()
          && field.trySetAccessible()
          && field.get(parent) == child;
    } catch (IllegalAccessException e) {
      return false;
    }
  }

  private static String indexOf(Object child, Object[] array) {
    for (int i = 0; i < array.length; i++) {
      if (array[i] == child) {
        return Integer.toString(i);
      }
    }
    return "?";
  }

  private static String keyOf(Object child, Map<?, ?> map) {
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (entry.getValue() == child) {
        return SafeText.of(entry.getKey());
      }
    }
    return "?";
  }
}
