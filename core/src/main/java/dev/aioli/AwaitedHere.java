package dev.aioli;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/** In debug mode a suppressed exception of what a future failed with: the place of an await. */
final class AwaitedHere extends Throwable {
  private static final long serialVersionUID = 1L;

  private static final int MAX_PLACES = 10;

  /** Exceptions may live long: they must not keep the tasks that saw them. */
  private final transient @Nullable WeakReference<Task<?>> awaiter;

  private AwaitedHere(@Nullable Task<?> awaiter) {
    super("awaited here");
    this.awaiter = awaiter == null ? null : new WeakReference<>(awaiter);
  }

  /**
   * Adds the caller's place, unless the same task has one there: once an awaiter is enough. And so
   * are a few awaiters: an exception that is made once and set for ever again would grow with each.
   */
  static void addTo(Throwable exception, @Nullable Task<?> awaiter) {
    int places = 0;
    for (Throwable suppressed : exception.getSuppressed()) {
      if (suppressed instanceof AwaitedHere here) {
        places++;
        if (here.isOf(awaiter)) {
          return;
        }
      }
    }
    if (places < MAX_PLACES) {
      exception.addSuppressed(new AwaitedHere(awaiter));
    }
  }

  private boolean isOf(@Nullable Task<?> task) {
    return awaiter == null ? task == null : awaiter.refersTo(task);
  }
}
