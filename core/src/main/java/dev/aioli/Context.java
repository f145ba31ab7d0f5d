package dev.aioli;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The values of all {@link ContextVar}s for one task or callback. As {@code contextvars.Context}.
 *
 * <p>Every task and every callback runs in a copy of its creator's context, made when it was
 * created, so what a task sets is invisible to the one that started it. A copy costs one small
 * object.
 *
 * <p>Threads without a loop have a context of their own each. A context is used by one thread at a
 * time.
 */
public final class Context {
  private static final ThreadLocal<Context> OF_THREAD = ThreadLocal.withInitial(Context::new);

  /** Never changed, only replaced, so that copies can share it. */
  private Map<ContextVar<?>, Object> values;

  /** An empty context. */
  public Context() {
    this(Map.of());
  }

  private Context(Map<ContextVar<?>, Object> values) {
    this.values = values;
  }

  /** A copy of the current context. From any thread. */
  public static Context copyContext() {
    return current().copy();
  }

  /** A copy of this context: later changes to one are invisible in the other. */
  public Context copy() {
    return new Context(values);
  }

  /**
   * Runs code with this as the current context and makes the previous one current again. If the
   * code suspends its task, this context is current again when the task goes on.
   */
  public void run(Runnable body) {
    Context previous = swapCurrent(this);
    try {
      body.run();
    } finally {
      swapCurrent(previous);
    }
  }

  /** As {@link #run}, with a result. */
  public <T> T call(Callable<T> body) throws Exception {
    Context previous = swapCurrent(this);
    try {
      return body.call();
    } finally {
      swapCurrent(previous);
    }
  }

  static Context current() {
    EventLoop loop = EventLoop.currentOrNull();
    return loop == null ? OF_THREAD.get() : loop.context();
  }

  private static Context swapCurrent(Context next) {
    EventLoop loop = EventLoop.currentOrNull();
    if (loop != null) {
      return loop.swapContext(next);
    }
    Context previous = OF_THREAD.get();
    OF_THREAD.set(next);
    return previous;
  }

  @Nullable Object value(ContextVar<?> variable) {
    return values.get(variable);
  }

  /** Gives the variable a value, or none. */
  void setValue(ContextVar<?> variable, @Nullable Object value) {
    Map<ContextVar<?>, Object> changed = new HashMap<>(values);
    if (value == null) {
      changed.remove(variable);
    } else {
      changed.put(variable, value);
    }
    values = changed;
  }

  @Override
  public String toString() {
    return "Context" + values;
  }
}
