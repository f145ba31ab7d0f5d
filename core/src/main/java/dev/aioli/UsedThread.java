package dev.aioli;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Makes a virtual thread whose task has ended as good as new for the next one: without
 * thread-locals, with the first context class loader.
 */
final class UsedThread {
  private static final @Nullable VarHandle THREAD_LOCALS =
      field("threadLocals", "java.lang.ThreadLocal$ThreadLocalMap");
  private static final @Nullable VarHandle OPEN_SCOPES =
      field("headStackableScopes", "jdk.internal.vm.StackableScope");

  private UsedThread() {}

  private static @Nullable VarHandle field(String name, String type) {
    try {
      return MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup())
          .findVarHandle(Thread.class, name, Class.forName(type));
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null; // another JDK: threads are not used again
    }
  }

  /**
   * Cleans the calling thread.
   *
   * @return false if something would be left of its task: it was interrupted, or has left a scope
   *     open
   */
  static boolean clean(Thread thread, @Nullable ClassLoader contextClassLoader) {
    VarHandle threadLocals = THREAD_LOCALS;
    VarHandle openScopes = OPEN_SCOPES;
    if (threadLocals == null
        || openScopes == null
        || thread.isInterrupted()
        || openScopes.get(thread) != null) {
      return false;
    }
    threadLocals.set(thread, null);
    thread.setContextClassLoader(contextClassLoader);
    return true;
  }
}
