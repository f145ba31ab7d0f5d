package dev.aioli;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Engine {@code hand-over}: an ordinary virtual thread; the turn goes back and forth by park and
 * unpark. Public API only.
 */
final class HandOverThread extends TaskThread {
  private final Thread thread;
  private boolean started;
  private boolean attached;
  private long attachedUntilNanos;

  /** Whether the task's thread runs code beside the loop. */
  private volatile boolean detached;

  /** Who has the turn: true the task, false the loop. Publishes what the other side wrote. */
  private volatile boolean taskHasTurn;

  HandOverThread(EventLoop loop, Task<?> task) {
    super(loop, task);
    thread =
        Thread.ofVirtual()
            .name(task.threadName())
            .inheritInheritableThreadLocals(false)
            .unstarted(this::run);
  }

  @Override
  Thread thread() {
    return thread;
  }

  @Override
  void resume() {
    do {
      if (attached && !awaitDetached()) {
        return;
      }
      giveTurn();
    } while (attached && detached);
  }

  private void giveTurn() {
    EventLoop loop = loop();
    loop.turn().passTo(thread);
    taskHasTurn = true;
    if (started) {
      LockSupport.unpark(thread);
    } else {
      started = true;
      thread.start();
    }
    boolean interrupted = false;
    while (taskHasTurn) {
      LockSupport.park(this);
      if (Thread.interrupted()) { // or park would return at once, and spin
        interrupted = true;
        passInterruptOn();
      }
    }
    if (interrupted) {
      loop.turn().thread().interrupt();
    }
  }

  /** To a body that keeps the turn and does nothing with it, if the run is to end. */
  private void passInterruptOn() {
    boolean blocked =
        switch (thread.getState()) {
          case WAITING, TIMED_WAITING -> taskHasTurn;
          default -> false;
        };
    if (blocked && loop().iterations().tellsOfInterrupts()) {
      thread.interrupt();
    }
  }

  @Override
  void suspend() {
    giveBack();
    awaitTurn();
  }

  /** Runs the body while the loop goes on beside it. */
  @Override
  <T extends @Nullable Object> T detached(Callable<? extends T> body) throws Exception {
    detached = true;
    giveBack();
    try {
      return body.call();
    } finally {
      detached = false;
      if (loop().isClosed()) {
        LockSupport.unpark(loop().turn().threadOrNull()); // it may wait in awaitDetached()
      } else {
        loop().continueLater(task());
      }
      awaitTurn();
    }
  }

  @Override
  void attach(long deadlineNanos) {
    attached = true;
    attachedUntilNanos = deadlineNanos;
  }

  /** Whether code beside the loop has ended in time. On the loop's thread. */
  private boolean awaitDetached() {
    boolean interrupted = false;
    long left = attachedUntilNanos - System.nanoTime();
    while (detached && left > 0) {
      LockSupport.parkNanos(this, left);
      interrupted |= Thread.interrupted();
      left = attachedUntilNanos - System.nanoTime();
    }
    if (interrupted) {
      loop().iterations().keepInterrupt();
    }
    return !detached;
  }

  private void awaitTurn() {
    boolean interrupted = false;
    while (!taskHasTurn) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      task().runBody();
    } finally {
      giveBack();
    }
  }

  private void giveBack() {
    Thread loopThread = loop().turn().thread();
    loop().turn().passToLoop();
    taskHasTurn = false;
    LockSupport.unpark(loopThread);
  }
}
