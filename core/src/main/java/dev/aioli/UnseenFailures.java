package dev.aioli;

import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The futures of a loop that failed and whose exception nobody has looked at. Each is reported to
 * the exception handler once: when it is garbage or, since that may take its time, when the loop
 * closes.
 */
final class UnseenFailures {
  private final EventLoop loop;
  private final Set<Failure> unseen = new LinkedHashSet<>();

  /**
   * Failures whose future is garbage. Not callbacks of the loop: when the garbage collector runs
   * must not change the order or number of its iterations.
   */
  private final Queue<Failure> garbage = new ConcurrentLinkedQueue<>();

  UnseenFailures(EventLoop loop) {
    this.loop = loop;
  }

  /**
   * One failure. Does not hold its future, or that would never become garbage; but what a report
   * tells of it.
   */
  final class Failure {
    private final WeakReference<Future<?>> future;
    private final String what;
    private final Throwable exception;
    private final @Nullable Throwable source;

    /** Of a task; null for other futures, which have none. */
    private final @Nullable String name;

    private final @Nullable Context context;

    private Cleaner.Cleanable cleanable = () -> {};
    private volatile boolean settled;

    private Failure(Future<?> future, Throwable exception) {
      this.future = new WeakReference<>(future);
      this.exception = exception;
      what = future.getClass().getSimpleName();
      source = future.source();
      Task<?> task = future instanceof Task<?> failed ? failed : null;
      name = task == null ? null : task.getName();
      context = task == null ? null : task.getContext();
    }

    /** Somebody has looked: nothing to report. In the loop's turn. */
    void seen() {
      if (unseen.remove(this)) {
        settled = true;
        cleanable.clean();
      }
    }

    private void report() {
      if (unseen.remove(this)) {
        loop.callExceptionHandler(
            ExceptionContext.of(what + " exception was never retrieved", exception)
                .withFuture(futureOrOneLikeIt()));
      }
    }

    /** Nobody can tell the difference, since nobody has the one that is garbage. */
    private Future<?> futureOrOneLikeIt() {
      Future<?> present = future.get();
      if (present != null) {
        return present;
      }
      Future<?> standIn =
          name == null || context == null ? loop.createFuture() : Task.standIn(loop, name, context);
      standIn.standFor(exception, source);
      return standIn;
    }
  }

  /** Notes a failure until {@link Failure#seen} is called. */
  Failure add(Future<?> future, Throwable exception) {
    Failure failure = new Failure(future, exception);
    unseen.add(failure);
    failure.cleanable = Cleaners.SHARED.register(future, new WhenGarbage(this, failure));
    return failure;
  }

  /** Whether there is something for {@link #reportGarbage}. */
  boolean hasGarbage() {
    return !garbage.isEmpty();
  }

  /** Reports what has become garbage since the last call. */
  void reportGarbage() {
    for (Failure failure = garbage.poll(); failure != null; failure = garbage.poll()) {
      failure.report();
    }
  }

  /** Reports what is left when the loop closes. */
  void reportAll() {
    for (Failure failure : List.copyOf(unseen)) {
      loop.end().atClose(failure::report);
    }
  }

  /** Runs on the cleaner's thread, or in {@link Failure#seen}, which needs nothing of it. */
  private record WhenGarbage(UnseenFailures owner, Failure failure) implements Runnable {
    @Override
    public void run() {
      if (!failure.settled && !owner.loop.isClosed()) {
        owner.garbage.add(failure);
        owner.loop.poller().wakeup();
      }
    }
  }

  /** Its thread starts with the first failure. */
  private static final class Cleaners {
    static final Cleaner SHARED = Cleaner.create();
  }
}
