package dev.aioli;

import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The futures of a loop that failed and whose exception nobody has looked at. Each is reported to
 * the exception handler once: when it is garbage or, since that may take its time, when the loop
 * closes, or has been idle for a while and nobody waits for it.
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

    /** Whether nobody waited for it, or was to be told, when it failed. */
    private final boolean lonely;

    private Cleaner.Cleanable cleanable = () -> {};
    private volatile boolean settled;

    private Failure(Future<?> future, Throwable exception, boolean lonely) {
      this.lonely = lonely;
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

  /**
   * Notes a failure until {@link Failure#seen} is called.
   *
   * @param lonely whether nobody waits for the future, or is to be told
   */
  Failure add(Future<?> future, Throwable exception, boolean lonely) {
    Failure failure = new Failure(future, exception, lonely);
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

  /** Reports those for which nobody waits: the loop is idle, and whoever had to look has not. */
  void reportLonely() {
    List<Failure> lonely = unseen.stream().filter(failure -> failure.lonely).toList();
    if (!lonely.isEmpty()) {
      Set<Future<?>> awaited = awaitedInGroups();
      for (Failure failure : lonely) {
        if (!awaited.contains(failure.future.get())) {
          failure.report();
        }
      }
    }
  }

  /** What tasks wait for together with others, though it may be done. */
  private Set<Future<?>> awaitedInGroups() {
    Set<Future<?>> awaited = Collections.newSetFromMap(new IdentityHashMap<>());
    loop.tasks()
        .forEach(task -> {
          if (task.waitingFor() instanceof CombinedFuture<?> combined) {
            awaited.addAll(combined.others());
          } else if (task.waitingFor() instanceof GatheringFuture<?> gathering) {
            awaited.addAll(gathering.children());
          }
        });
    return awaited;
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
