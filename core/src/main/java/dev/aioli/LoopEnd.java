package dev.aioli;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The last turn of a loop, which is closed: ends its tasks, and tells who waits for it. */
final class LoopEnd {
  private final EventLoop loop;
  private final Iterations iterations;
  private final Turn turn;

  /** The thread that ends the tasks; null if it is the loop's own. Touched in the turn only. */
  private @Nullable ClosingThread closing;

  /** With what the close ends, when all is closed: the first of these. */
  private final List<Error> errors = new ArrayList<>();

  LoopEnd(EventLoop loop, Iterations iterations, Turn turn) {
    this.loop = loop;
    this.iterations = iterations;
    this.turn = turn;
  }

  /**
   * The last turn of a loop that is closed: runs, or drops, these callbacks, reports and ends the
   * tasks that are left, and tells who waits outside. On the loop's thread.
   */
  void run(List<Handle> last) {
    iterations.enter();
    try {
      last.forEach(this::runLast);
      List<Task<?>> left = loop.tasks().toList();
      Set<Task<?>> blocking = left.stream().filter(Task::isInBlocking).collect(Collectors.toSet());
      for (Task<?> task : blocking) { // all, so that they have the time that one takes
        reportPending(task);
        task.interruptBlocking();
      }
      endTasks(new ArrayDeque<>(left), blocking);
      for (Runnable waiting : loop.waitingOutside().takeAll()) {
        runLast(new Handle(loop, waiting, loop.callbacksContext()));
      }
    } finally {
      iterations.leave();
    }
  }

  private void endTasks(Deque<Task<?>> left, Set<Task<?>> reported) {
    // Not on engine bare: a body that goes on in another thread may be told the former one, once it
    // is compiled.
    boolean bodiesMayRunElsewhere =
        loop.engine() == Engine.LOOP_SCHEDULED && left.stream().anyMatch(Task::hasStarted);
    long deadlineNanos = System.nanoTime() + loop.closeTimeoutNanos();
    Runnable endAll =
        () -> {
          while (!left.isEmpty()) {
            Task<?> task = left.remove();
            if (!reported.contains(task)) {
              reportPending(task);
            }
            abandon(task, deadlineNanos);
          }
        };
    if (bodiesMayRunElsewhere) {
      do { // again if a task has kept the thread
        runOnClosingThread(endAll);
      } while (!left.isEmpty());
    } else {
      endAll.run();
    }
  }

  /** Gives the loop to a thread that a task may keep. */
  private void runOnClosingThread(Runnable body) {
    ClosingThread helper =
        new ClosingThread(() -> {
          turn.enter();
          try {
            body.run();
          } finally {
            iterations.collectInterrupts();
            turn.leave();
          }
        });
    ClosingThread.Refusal refusal;
    closing = helper;
    turn.leave();
    try {
      refusal = helper.startAndAwait();
    } finally {
      closing = null;
      turn.swapCurrentTask(
          null); // of one that keeps the thread: it stopped in the middle of a step
      turn.leave();
      turn.enter();
      if (Thread.interrupted()) {
        iterations.keepInterrupt();
      }
    }
    if (refusal != null) {
      refusal.task().endLeftBehind();
      reportLeftBehind(refusal.task(), refusal.where());
    }
  }

  /**
   * Has the close go on without a task that can neither be ended nor suspended, and its thread. On
   * the task's thread, in the turn. Does not return, but for a task that is not on a thread that
   * close can do without.
   */
  void leaveBehindHere(Task<?> task, Throwable where) {
    ClosingThread helper = closing;
    if (helper != null) {
      helper.keepFor(new ClosingThread.Refusal(task, where));
    }
  }

  private void runLast(Handle handle) {
    iterations.watch().begin(handle);
    atClose(handle.isDroppable() ? handle::drop : handle::run);
  }

  private void reportPending(Task<?> task) {
    report(task, "Task was destroyed but it is pending: " + task, null);
  }

  private void abandon(Task<?> task, long deadlineNanos) {
    iterations.watch().begin();
    Throwable refusal = task.abandon(deadlineNanos);
    if (refusal != null) {
      reportLeftBehind(task, refusal);
    }
  }

  private void reportLeftBehind(Task<?> task, Throwable where) {
    report(task, "Task " + task.getName() + " refuses to end and is left behind", where);
  }

  private void report(Task<?> task, String message, @Nullable Throwable exception) {
    ExceptionContext context = ExceptionContext.of(message, exception).withFuture(task);
    atClose(() -> loop.callExceptionHandler(context));
  }

  /** Errors with which somebody wants to end the loop have to wait until all is closed. */
  void atClose(Runnable step) {
    try {
      step.run();
    } catch (KeyboardInterrupt | SystemExit e) {
      errors.add(e);
    }
  }

  /** The loop is closed: tells what debug mode has to tell at the end, and throws what waits. */
  void closed() {
    iterations.slowSteps().report();
    if (!errors.isEmpty()) {
      throw errors.getFirst();
    }
  }
}
