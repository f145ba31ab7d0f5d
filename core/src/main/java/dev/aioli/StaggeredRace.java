package dev.aioli;

import dev.aioli.sync.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code asyncio.staggered.staggered_race}, as in CPython 3.14: starts the next candidate when the
 * one before has failed or has taken too long; the first to succeed wins and the others are
 * cancelled. It does not end before all its tasks have, also when it is cancelled itself.
 */
final class StaggeredRace<T extends @Nullable Object> {
  private final EventLoop loop;
  private final Task<?> parent;
  private final List<? extends Callable<? extends T>> candidates;
  private final @Nullable Duration delay;

  /** The tasks that are not done: one for each candidate that was started, and the next one's. */
  private final Set<Task<?>> running = new LinkedHashSet<>();

  private final List<@Nullable Throwable> exceptions = new ArrayList<>();

  /** What came out of tasks: errors of a task factory, say. A candidate's are in the result. */
  private final List<Throwable> unhandled = new ArrayList<>();

  private @Nullable Future<@Nullable Void> allDone;
  private @Nullable T winner;
  private int winnerIndex = -1;

  private StaggeredRace(
      EventLoop loop, List<? extends Callable<? extends T>> candidates, @Nullable Duration delay) {
    this.loop = loop;
    this.candidates = candidates;
    this.delay = delay;
    Task<?> current = loop.currentTask();
    if (current == null) {
      throw new IllegalStateException("a callback cannot wait for a race; create a task");
    }
    parent = current;
  }

  @Suspends
  static <T extends @Nullable Object> RaceResult<T> run(
      EventLoop loop, List<? extends Callable<? extends T>> candidates, @Nullable Duration delay) {
    return new StaggeredRace<T>(loop, candidates, delay).run();
  }

  private RaceResult<T> run() {
    startCandidate(0, null);
    CancelledError cancellation = null;
    while (!running.isEmpty()) {
      Future<@Nullable Void> waiter = loop.createFuture();
      allDone = waiter;
      try {
        waiter.await();
      } catch (CancelledError e) {
        if (loop.isClosed()) {
          throw e; // which ends the others itself
        }
        cancellation = e;
        cancelOthers(e.getMessage());
      }
      allDone = null;
    }
    if (!unhandled.isEmpty()) {
      throw new ExceptionGroup("staggered race failed", unhandled);
    }
    if (cancellation != null) {
      throw cancellation;
    }
    return new RaceResult<>(winner, winnerIndex, Collections.unmodifiableList(exceptions));
  }

  private void startCandidate(int index, @Nullable Event previousFailed) {
    // A task that starts eagerly must not run ahead of its place in the list
    // (python/cpython#124309).
    Event listed = new Event();
    Task<@Nullable Void> task =
        loop.createTask(() -> {
          listed.await();
          runCandidate(index, previousFailed);
        });
    running.add(task);
    task.onDone(new TaskDone());
    listed.set();
  }

  private void runCandidate(int index, @Nullable Event previousFailed) {
    if (previousFailed != null) {
      awaitTurn(previousFailed);
    }
    if (index >= candidates.size()) {
      return;
    }
    Event failed = new Event();
    startCandidate(index + 1, failed);
    exceptions.add(null);
    T result;
    try {
      result = candidates.get(index).call();
    } catch (KeyboardInterrupt | SystemExit e) {
      throw e;
    } catch (Throwable e) {
      exceptions.set(index, e);
      failed.set();
      return;
    }
    if (winnerIndex < 0) { // else it refused to be cancelled, and is late
      winner = result;
      winnerIndex = index;
      cancelOthers(null);
    }
  }

  private void awaitTurn(Event previousFailed) {
    try {
      Asyncio.timeout(delay, previousFailed::await);
    } catch (TimeoutException e) {
      // the one before takes long: run beside it
    }
  }

  private void cancelOthers(@Nullable String message) {
    Task<?> current = loop.currentTask();
    for (Task<?> task : List.copyOf(running)) {
      if (task != current) {
        task.cancel(message);
      }
    }
  }

  /** Waits for a task on behalf of the parent. */
  private final class TaskDone implements Consumer<Future<?>>, AwaitEdge {
    @Override
    public void accept(Future<?> done) {
      taskDone((Task<?>) done);
    }

    @Override
    public Collection<Future<?>> awaiters() {
      return List.of(parent);
    }
  }

  private void taskDone(Task<?> task) {
    running.remove(task);
    if (allDone != null && running.isEmpty() && !allDone.done()) {
      allDone.setResult(null);
    }
    if (!task.cancelled()) {
      Throwable exception = task.exception();
      if (exception != null) {
        unhandled.add(exception);
      }
    }
  }
}
