package dev.aioli;

import dev.aioli.sync.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * {@code asyncio.staggered.staggered_race}: starts the next candidate when the one before has
 * failed or has taken too long; the first to succeed wins and the others are cancelled.
 */
final class StaggeredRace<T extends @Nullable Object> {
  private final EventLoop loop;
  private final List<? extends Callable<? extends T>> candidates;
  private final @Nullable Duration delay;
  private final List<Task<?>> tasks = new ArrayList<>();
  private final List<@Nullable Throwable> exceptions = new ArrayList<>();
  private @Nullable T winner;
  private int winnerIndex = -1;

  private StaggeredRace(
      EventLoop loop, List<? extends Callable<? extends T>> candidates, @Nullable Duration delay) {
    this.loop = loop;
    this.candidates = candidates;
    this.delay = delay;
  }

  @Suspends
  static <T extends @Nullable Object> RaceResult<T> run(
      EventLoop loop, List<? extends Callable<? extends T>> candidates, @Nullable Duration delay) {
    return new StaggeredRace<T>(loop, candidates, delay).run();
  }

  private RaceResult<T> run() {
    startCandidate(0, null);
    try {
      int doneCount = 0;
      while (doneCount != tasks.size()) {
        doneCount = Asyncio.await(tasks).done().size();
      }
      return new RaceResult<>(winner, winnerIndex, Collections.unmodifiableList(exceptions));
    } finally {
      tasks.forEach(Task::cancel);
    }
  }

  private void startCandidate(int index, @Nullable Event previousFailed) {
    // A task that starts eagerly must not run ahead of its place in the list
    // (python/cpython#124309).
    Event listed = new Event();
    tasks.add(
        loop.createTask(() -> {
          listed.await();
          runCandidate(index, previousFailed);
          return null;
        }));
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
    winner = result;
    winnerIndex = index;
    for (int i = 0; i < tasks.size(); i++) {
      if (i != index) {
        tasks.get(i).cancel();
      }
    }
  }

  private void awaitTurn(Event previousFailed) {
    try {
      Asyncio.timeout(delay, previousFailed::await);
    } catch (TimeoutException e) {
      // the one before takes long: run beside it
    }
  }
}
