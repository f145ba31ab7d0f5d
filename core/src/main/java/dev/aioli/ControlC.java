package dev.aioli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Turns the first Ctrl-C during a run into a cancellation of its main task; the second does what it
 * does without us: it ends the JVM.
 *
 * <p>As asyncio only on the program's main thread, and only if nobody else handles the signal.
 */
final class ControlC implements AutoCloseable {
  /*
   * sun.misc.Signal by reflection: it is in the module jdk.unsupported, which core does not require
   * and without which a run simply leaves Ctrl-C alone.
   */
  private final EventLoop loop;
  private final Task<?> main;
  private final Object signal;
  private final Method handle;
  private final Object ownHandler;
  private @Nullable Object previousHandler;

  /** Whether it came. Written on the JVM's signal thread. */
  private volatile boolean pressed;

  private ControlC(EventLoop loop, Task<?> main) throws ReflectiveOperationException {
    this.loop = loop;
    this.main = main;
    Class<?> signalClass = Class.forName("sun.misc.Signal");
    Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
    signal = signalClass.getConstructor(String.class).newInstance("INT");
    handle = signalClass.getMethod("handle", signalClass, handlerClass);
    ownHandler =
        Proxy.newProxyInstance(
            handlerClass.getClassLoader(), new Class<?>[] {handlerClass}, new Handler());
  }

  /** Starts to listen; null if Ctrl-C is none of our business here. */
  static @Nullable ControlC listen(EventLoop loop, Task<?> main) {
    if (!isMainThread(Thread.currentThread())) {
      return null;
    }
    try {
      ControlC controlC = new ControlC(loop, main);
      Object previous = controlC.handle.invoke(null, controlC.signal, controlC.ownHandler);
      controlC.previousHandler = previous;
      if (previous != null && previous.getClass().getName().startsWith("sun.misc.")) {
        return controlC;
      }
      controlC.close(); // the program has a handler of its own
      return null;
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      return null; // no such module, or the JVM was told to leave signals alone (-Xrs)
    }
  }

  /** The launcher calls it so; there is no other sign. */
  private static boolean isMainThread(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return thread.getName().equals("main") && group != null && group.getName().equals("main");
  }

  /** Whether Ctrl-C was pressed. */
  boolean pressed() {
    return pressed;
  }

  /** Gives the signal back. */
  @Override
  public void close() {
    try {
      handle.invoke(null, signal, previousHandler);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("could not restore the handling of Ctrl-C", e);
    }
  }

  /** A {@code SignalHandler}; runs on the JVM's signal thread. */
  private final class Handler implements InvocationHandler {
    @Override
    @SuppressWarnings("ReferenceEquality") // that is how equals of a proxy of ours is meant
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object[] arguments)
        throws ReflectiveOperationException {
      return switch (method.getName()) {
        case "handle" -> {
          pressed(method, arguments);
          yield null;
        }
        case "equals" -> proxy == arguments[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default -> "Aioli's handler of Ctrl-C";
      };
    }

    private void pressed(Method method, @Nullable Object[] arguments)
        throws ReflectiveOperationException {
      if (pressed) {
        method.invoke(previousHandler, arguments);
      } else {
        pressed = true;
        loop.postUnlessClosed(main::cancel);
      }
    }
  }
}
