package dev.aioli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's continuations, and what it keeps for the thread that runs one. Nothing of this is
 * exported, so that all goes through method handles; they are constants, and cost nothing.
 */
final class JdkContinuation {
  private static final @Nullable Throwable UNAVAILABLE;

  static {
    Throwable unavailable = null;
    try {
      Handles.load();
    } catch (ExceptionInInitializerError e) {
      unavailable = e.getCause();
    }
    UNAVAILABLE = unavailable;
  }

  private JdkContinuation() {}

  /** In a class of its own, so that its initialiser may fail. */
  private static final class Handles {
    static final MethodHandle CREATE;
    static final MethodHandle RUN;
    static final MethodHandle YIELD;
    static final MethodHandle STACK;
    static final MethodHandle SCOPED_VALUES;
    static final MethodHandle SET_SCOPED_VALUES;
    static final MethodHandle GET_MONITORS;
    static final StackWalker LIVE_FRAMES;

    static {
      try {
        Class<?> type = Class.forName("jdk.internal.vm.Continuation");
        Class<?> scopeType = Class.forName("jdk.internal.vm.ContinuationScope");
        Object scope = scopeType.getConstructor(String.class).newInstance("aioli");
        Lookup lookup = MethodHandles.lookup();
        CREATE =
            MethodHandles.insertArguments(
                    lookup.findConstructor(
                        type, MethodType.methodType(void.class, scopeType, Runnable.class)),
                    0,
                    scope)
                .asType(MethodType.methodType(Object.class, Runnable.class));
        RUN =
            lookup
                .findVirtual(type, "run", MethodType.methodType(void.class))
                .asType(MethodType.methodType(void.class, Object.class));
        YIELD =
            MethodHandles.insertArguments(
                    lookup.findStatic(
                        type, "yield", MethodType.methodType(boolean.class, scopeType)),
                    0,
                    scope)
                .asType(MethodType.methodType(void.class));
        STACK =
            lookup
                .findVirtual(
                    type, "getStackTrace", MethodType.methodType(StackTraceElement[].class))
                .asType(MethodType.methodType(StackTraceElement[].class, Object.class));

        Lookup inThread = MethodHandles.privateLookupIn(Thread.class, lookup);
        SCOPED_VALUES =
            inThread.findStatic(
                Thread.class, "scopedValueBindings", MethodType.methodType(Object.class));
        SET_SCOPED_VALUES =
            inThread.findStatic(
                Thread.class,
                "setScopedValueBindings",
                MethodType.methodType(void.class, Object.class));

        Class<?> liveFrame = Class.forName("java.lang.LiveStackFrame");
        Lookup inFrame = MethodHandles.privateLookupIn(liveFrame, lookup);
        GET_MONITORS =
            inFrame
                .findVirtual(liveFrame, "getMonitors", MethodType.methodType(Object[].class))
                .asType(MethodType.methodType(Object[].class, Object.class));
        LIVE_FRAMES =
            (StackWalker)
                inFrame
                    .findStatic(
                        liveFrame,
                        "getStackWalker",
                        MethodType.methodType(StackWalker.class, Set.class, scopeType))
                    .invoke(EnumSet.noneOf(StackWalker.Option.class), scope);
      } catch (Throwable e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    static void load() {
      // the work is done by the class initialiser
    }
  }

  /** Why this JVM does not let us at its continuations; null if it does. */
  static @Nullable Throwable unavailable() {
    return UNAVAILABLE;
  }

  /** A continuation that has not started. */
  static Object create(Runnable body) {
    try {
      return (Object) Handles.CREATE.invokeExact(body);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** Runs it until it yields or ends. */
  static void run(Object continuation) {
    try {
      Handles.RUN.invokeExact(continuation);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /**
   * Leaves the continuation in which the caller runs until it is run again.
   *
   * @throws IllegalStateException if a native frame pins it
   */
  static void suspend() {
    try {
      Handles.YIELD.invokeExact();
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** The frames of a continuation that does not run. It must not be run meanwhile. */
  static StackTraceElement[] stack(Object continuation) {
    try {
      return (StackTraceElement[]) Handles.STACK.invokeExact(continuation);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** The calling thread's bindings of {@link ScopedValue}s. */
  static Object scopedValues() {
    try {
      return (Object) Handles.SCOPED_VALUES.invokeExact();
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  static void setScopedValues(Object bindings) {
    try {
      Handles.SET_SCOPED_VALUES.invokeExact(bindings);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /**
   * The frames of the calling continuation that hold monitors, innermost first. Slow: the JVM looks
   * at all local variables.
   */
  static List<StackTraceElement> framesWithMonitors() {
    return Handles.LIVE_FRAMES.walk(JdkContinuation::withMonitors);
  }

  private static List<StackTraceElement> withMonitors(Stream<StackWalker.StackFrame> frames) {
    return frames
        .filter(frame -> Arrays.stream(monitors(frame)).anyMatch(Objects::nonNull))
        .map(StackWalker.StackFrame::toStackTraceElement)
        .toList();
  }

  /** With a null for each that the frame has released. */
  private static @Nullable Object[] monitors(Object frame) {
    try {
      return (Object[]) Handles.GET_MONITORS.invokeExact(frame);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  private static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    throw new LinkageError("jdk.internal.vm.Continuation", thrown); // it declares no others
  }
}
