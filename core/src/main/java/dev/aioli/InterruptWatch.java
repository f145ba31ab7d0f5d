package dev.aioli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sees interrupts of a loop's thread that the flag does not keep, while tasks are mounted on it.
 * One a loop, for engine loop-scheduled.
 */
final class InterruptWatch {
  /*
   * To mount or unmount a virtual thread clears the interrupt flag of its carrier, here the loop's
   * thread, and nothing tells afterwards that it was set (VirtualThread.mount, unmount). To look before
   * leaves an instant in which an interrupt is lost. But Thread.interrupt calls, after it has set the
   * flag, whoever is registered as what the thread is blocked on: a channel, usually. Here it is this
   * object, in a lock of the thread.
   *
   * Channels register themselves on the loop's thread, too (a selector's wait), and leave nobody behind.
   * So check() looks before each mount: a field. No interrupt falls between the two: one that finds
   * nobody, or the channel, has set the flag before arm() took the lock, and arm() looks at the flag
   * afterwards. An interrupt by the loop's thread itself calls nobody, but then nothing is in between.
   */

  /** How long the call of an interrupt may come after its flag. */
  private static final long CALL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final @Nullable MethodHandle BLOCKER; // (Thread)Object
  private static final @Nullable MethodHandle SET_BLOCKER; // (Thread,Object)void
  private static final @Nullable Class<?> BLOCKER_TYPE;
  private static final @Nullable Throwable UNAVAILABLE;

  static {
    MethodHandle get = null;
    MethodHandle set = null;
    Class<?> type = null;
    Throwable unavailable = null;
    try {
      type = Class.forName("sun.nio.ch.Interruptible");
      MethodHandles.Lookup lookup =
          MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
      get =
          lookup
              .findGetter(Thread.class, "nioBlocker", type)
              .asType(MethodType.methodType(Object.class, Thread.class));
      set =
          lookup
              .findVirtual(Thread.class, "blockedOn", MethodType.methodType(void.class, type))
              .asType(MethodType.methodType(void.class, Thread.class, Object.class));
    } catch (ReflectiveOperationException | RuntimeException e) {
      unavailable = e;
    }
    BLOCKER = get;
    SET_BLOCKER = set;
    BLOCKER_TYPE = type;
    UNAVAILABLE = unavailable;
  }

  private final Object blocker;
  private final Runnable wakeup;

  /** Set by whoever interrupts. */
  private volatile boolean interrupted;

  /** What can have come. */
  enum Seen {
    NONE,
    /** An interrupt. */
    NEW,
    /** One that has been seen already, or that the thread has made itself. */
    KNOWN
  }

  /*
   * Who interrupts sets the flag and calls a moment later whoever is registered then. So while this is
   * registered the calls count: a flag without one is of the loop's thread itself, say of code that was
   * interrupted and tells its caller so, or its call is about to come. A flag that was set while this was
   * not registered counts; its call, if it comes after all, must not be taken for another one.
   */
  private boolean callOwed;
  private long callOwedUntilNanos;

  /**
   * For one loop.
   *
   * @param wakeup ends its wait for I/O: a native one does not see interrupts. From any thread
   */
  InterruptWatch(Runnable wakeup) {
    this.wakeup = wakeup;
    if (BLOCKER_TYPE == null) {
      throw new IllegalStateException("interrupts cannot be seen in this JVM", UNAVAILABLE);
    }
    blocker =
        Proxy.newProxyInstance(
            InterruptWatch.class.getClassLoader(), new Class<?>[] {BLOCKER_TYPE}, this::called);
  }

  /** Why interrupts cannot be seen in this JVM; null if they can. */
  static @Nullable Throwable unavailable() {
    return UNAVAILABLE;
  }

  /** In a thread that interrupts, in a lock; or by who prints the object. */
  private @Nullable Object called(Object proxy, Method method, Object @Nullable [] arguments)
      throws ReflectiveOperationException {
    if (method.getDeclaringClass() == Object.class) {
      return method.invoke(this, arguments);
    }
    if (method.getName().equals("interrupt")) { // and not postInterrupt, which comes after it
      interrupted = true;
      wakeup.run();
    }
    return null;
  }

  /**
   * Has interrupts of the thread seen from now on, if they are not already. On that thread, with no
   * task mounted.
   *
   * @return what has come since the last call; the flag is then clear
   */
  Seen check(Thread loopThread) {
    boolean registered = isRegistered(loopThread);
    if (!registered) {
      setBlocker(loopThread, blocker);
    }
    return take(registered);
  }

  /** What has come since the last call; the flag is then clear. On the loop's thread. */
  Seen take(Thread loopThread) {
    return take(isRegistered(loopThread));
  }

  /** As {@link #take}, but leaves the flag as it is: on engine bare it is that of the bodies. */
  Seen takeCall() {
    if (!interrupted) {
      return Seen.NONE;
    }
    interrupted = false;
    if (callOwed && System.nanoTime() - callOwedUntilNanos < 0) {
      callOwed = false;
      return Seen.KNOWN;
    }
    return Seen.NEW;
  }

  private Seen take(boolean registered) {
    Seen call = takeCall();
    boolean flag = Thread.interrupted();
    if (call != Seen.NONE || !flag) {
      return call;
    }
    if (registered) {
      return Seen.KNOWN;
    }
    callOwed = true;
    callOwedUntilNanos = System.nanoTime() + CALL_NANOS;
    return Seen.NEW;
  }

  /** Ends it; whether an interrupt was seen. On the loop's thread. */
  boolean end(Thread loopThread) {
    if (isRegistered(loopThread)) {
      setBlocker(loopThread, null);
    }
    boolean seen = interrupted;
    interrupted = false;
    callOwed = false;
    return seen;
  }

  @SuppressWarnings("ReferenceEquality") // equals would be a call of the proxy, and it is the same
  private boolean isRegistered(Thread thread) {
    try {
      return (Object) handle(BLOCKER).invokeExact(thread) == blocker;
    } catch (Throwable e) {
      throw new LinkageError("Thread.nioBlocker", e);
    }
  }

  private static void setBlocker(Thread thread, @Nullable Object blocker) {
    try {
      handle(SET_BLOCKER).invokeExact(thread, blocker);
    } catch (Throwable e) {
      throw new LinkageError("Thread.blockedOn", e);
    }
  }

  private static MethodHandle handle(@Nullable MethodHandle handle) {
    if (handle == null) {
      throw new IllegalStateException("interrupts cannot be seen in this JVM", UNAVAILABLE);
    }
    return handle;
  }
}
