package dev.aioli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A handler of ours for one signal of the process, on top of who handled it before. The only class
 * that knows {@code sun.misc.Signal}.
 */
final class SignalHandling implements InvocationHandler {
  /*
   * By reflection: javac warns of sun.misc.Signal, and no annotation silences that. Its module,
   * jdk.unsupported, is there but in run-time images that were made without it.
   *
   * Runs and loops give a signal back in any order. A handler that was given back while another of
   * ours lay on top stays where it is, and is skipped when that one is given back.
   */

  /** The handlers of ours that the JVM calls, by the number of the signal. */
  private static final Map<Integer, SignalHandling> TOP = new HashMap<>();

  /** What is to be done when the signal comes; on a thread of the JVM's for it, a daemon. */
  interface Receiver {
    void received(SignalHandling by);
  }

  private final Jdk jdk;
  private final Object signal;
  private final Object proxy;
  private final String description;
  private final Receiver receiver;

  // Under the lock of the class.
  private @Nullable Object below;
  private boolean givenBack;

  /** {@code sun.misc.Signal}, and its interface of handlers. */
  private record Jdk(Class<?> signals, Class<?> handlers) {
    static Jdk find() throws ClassNotFoundException {
      return new Jdk(Class.forName("sun.misc.Signal"), Class.forName("sun.misc.SignalHandler"));
    }

    Object signal(String name) throws ReflectiveOperationException {
      return signals.getConstructor(String.class).newInstance(name);
    }

    int number(Object signal) throws ReflectiveOperationException {
      return (int) signals.getMethod("getNumber").invoke(signal);
    }

    /** Has the JVM call another handler; gives the one before. */
    @Nullable Object handle(Object signal, @Nullable Object handler)
        throws ReflectiveOperationException {
      return signals.getMethod("handle", signals, handlers).invoke(null, signal, handler);
    }

    void call(Object handler, Object signal) throws ReflectiveOperationException {
      handlers.getMethod("handle", signals).invoke(handler, signal);
    }
  }

  private SignalHandling(Jdk jdk, Object signal, String description, Receiver receiver) {
    this.jdk = jdk;
    this.signal = signal;
    this.description = description;
    this.receiver = receiver;
    proxy =
        Proxy.newProxyInstance(
            jdk.handlers().getClassLoader(), new Class<?>[] {jdk.handlers()}, this);
  }

  /**
   * Handles a signal from now on.
   *
   * @param name without SIG
   * @throws IllegalArgumentException if the system has no such signal
   * @throws IllegalStateException if the system or the JVM keeps it for itself
   * @throws ReflectiveOperationException if this JVM has no signals: no module jdk.unsupported
   */
  static SignalHandling of(String name, String description, Receiver receiver)
      throws ReflectiveOperationException {
    Jdk jdk = Jdk.find();
    Object signal;
    try {
      signal = jdk.signal(name);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(
          "expected a signal of this system, such as HUP or SIGTERM, found '" + name + "'", e);
    }
    SignalHandling handling = new SignalHandling(jdk, signal, description, receiver);
    try {
      handling.install();
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(
          "SIG"
              + name
              + " cannot be handled: the system or the JVM keeps it for itself (java -Xrs"
              + " leaves HUP, INT and TERM to the system)",
          e);
    }
    return handling;
  }

  private void install() throws ReflectiveOperationException {
    synchronized (SignalHandling.class) {
      below = jdk.handle(signal, proxy);
      TOP.put(number(), this);
    }
  }

  /** The number of the signal. */
  int number() {
    try {
      return jdk.number(signal);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("could not read the number of " + signal, e);
    }
  }

  /** Whether the JVM itself handled the signal before, and not the program. */
  boolean isOnTopOfTheJvm() {
    synchronized (SignalHandling.class) {
      return below != null && below.getClass().getName().startsWith("sun.misc.");
    }
  }

  /** Does what the signal would have done without this handler. */
  void passOn() {
    Object next;
    synchronized (SignalHandling.class) {
      next = nextBelow();
    }
    if (next == null) {
      return; // a handler in native code, which only the system can call
    }
    try {
      jdk.call(next, signal);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("could not pass on " + signal, e);
    }
  }

  /** Gives the signal back to who handled it before. Idempotent. */
  @SuppressWarnings("ReferenceEquality") // the very handler; equals would be a call of a proxy
  void giveBack() {
    synchronized (SignalHandling.class) {
      if (givenBack) {
        return;
      }
      givenBack = true;
      if (TOP.get(number()) != this) {
        return; // who lies on top skips this one
      }
      Object next = nextBelow();
      try {
        Object found = jdk.handle(signal, next);
        if (found != proxy) {
          jdk.handle(signal, found); // the program has put its own on top meanwhile
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("could not give back " + signal, e);
      }
      SignalHandling ours = ofProxy(next);
      if (ours == null) {
        TOP.remove(number());
      } else {
        TOP.put(number(), ours);
      }
    }
  }

  /** Under the lock. */
  private @Nullable Object nextBelow() {
    Object next = below;
    SignalHandling ours = ofProxy(next);
    while (ours != null && ours.givenBack) {
      next = ours.below;
      ours = ofProxy(next);
    }
    return next;
  }

  private static @Nullable SignalHandling ofProxy(@Nullable Object handler) {
    return handler != null
            && Proxy.isProxyClass(handler.getClass())
            && Proxy.getInvocationHandler(handler) instanceof SignalHandling ours
        ? ours
        : null;
  }

  /** As a {@code SignalHandler}. */
  @Override
  @SuppressWarnings("ReferenceEquality") // that is how equals of a proxy of ours is meant
  public @Nullable Object invoke(Object self, Method method, @Nullable Object[] arguments) {
    return switch (method.getName()) {
      case "handle" -> {
        receiver.received(this);
        yield null;
      }
      case "equals" -> self == Objects.requireNonNull(arguments)[0];
      case "hashCode" -> System.identityHashCode(self);
      default -> description;
    };
  }

  /** The signal's name, with SIG. */
  @Override
  public String toString() {
    return signal.toString();
  }
}
