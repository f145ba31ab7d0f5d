package dev.aioli;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/** In debug mode a suppressed exception of what a future failed with: the place of an await. */
final class AwaitedHere extends Throwable {
  private static final long serialVersionUID = 1L;

  /** Exceptions may live long: they must not keep the tasks that saw them. */
  private final transient @Nullable WeakReference<Task<?>> awaiter;

  private AwaitedHere(@Nullable Task<?> awaiter) {
    super("awaited here");
    this.awaiter = awaiter == null ? null : new WeakReference<>(awaiter);
  }

  /** Adds the caller's place, unless the same task has one there: once an awaiter is enough. */
  static void addTo(Throwable exception, @Nullable Task<?> awaiter) {
    for (Throwable place : exception.getSuppressed()) {
      if (place instanceof AwaitedHere here && here.isOf(awaiter)) {
        return;
      }
    }
    exception.addSuppressed(new AwaitedHere(awaiter));
  }

  private boolean isOf(@Nullable Task<?> task) {
    return awaiter == null ? task == null : awaiter.refersTo(task);
  }
}
