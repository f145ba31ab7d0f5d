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

  /** Values of thread-locals, captured where this was copied. */
  private final CarriedValues carried;

  /** An empty context. */
  public Context() {
    this(Map.of(), CarriedValues.NONE);
  }

  private Context(Map<ContextVar<?>, Object> values, CarriedValues carried) {
    this.values = values;
    this.carried = carried;
  }

  /** A copy of the current context. From any thread. */
  public static Context copyContext() {
    return current().copy();
  }

  /**
   * A copy of this context: later changes to one are invisible in the other. The calling thread's
   * values of {@linkplain #carry carried} thread-locals go into it.
   */
  public Context copy() {
    return new Context(values, CarriedValues.capture());
  }

  /**
   * Has a thread-local carried along with contexts from now on, in the whole JVM.
   *
   * @return undoes it when closed
   */
  public static <T> Registration carry(ThreadLocalBridge<T> bridge) {
    return CarriedValues.register(bridge);
  }

  /** A registration that closing undoes. */
  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Runs code with this as the current context and makes the previous one current again. If the
   * code suspends its task, this context is current again when the task goes on. Unlike in Python,
   * a context that is entered already may be entered again.
   */
  public void run(Runnable body) {
    Context previous = swapCurrent(this);
    CarriedValues previousCarried = carried.enter();
    try {
      body.run();
    } finally {
      previousCarried.restore();
      swapCurrent(previous);
    }
  }

  /**
   * As {@link #run(Runnable)}, with a result.
   *
   * @throws Exception what the body throws
   */
  public <T> T call(Callable<T> body) throws Exception {
    Context previous = swapCurrent(this);
    CarriedValues previousCarried = carried.enter();
    try {
      return body.call();
    } finally {
      previousCarried.restore();
      swapCurrent(previous);
    }
  }

  /** As {@link #call}, for code of a task that runs beside its loop, in whichever thread. */
  <T extends @Nullable Object> T callBesideLoop(Callable<? extends T> body) throws Exception {
    OF_THREAD.set(this);
    try {
      return body.call();
    } finally {
      OF_THREAD.remove(); // in a task's thread nobody else looks there
    }
  }

  /** As {@link #run}, for a callback of a loop in its turn: nothing has to be looked up. */
  void run(Handle handle, Object callback) {
    Turn turn = handle.loop().turn();
    Context previous = turn.swapContext(this);
    CarriedValues previousCarried = carried.enter();
    try {
      handle.call(callback);
    } finally {
      previousCarried.restore();
      turn.swapContext(previous);
    }
  }

  /** Gives the calling thread the carried values, for good: it is the thread of a new task. */
  void restoreCarried() {
    carried.restore();
  }

  static Context current() {
    EventLoop loop = EventLoop.currentOrNull();
    return loop == null ? OF_THREAD.get() : loop.turn().context();
  }

  private static Context swapCurrent(Context next) {
    EventLoop loop = EventLoop.currentOrNull();
    if (loop != null) {
      return loop.turn().swapContext(next);
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
    return "Context" + Texts.of(values);
  }
}
