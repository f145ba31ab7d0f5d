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
      interrupted |= Thread.interrupted(); // or park would return at once, and spin
    }
    loop.turn().passToLoop();
    if (interrupted) {
      loop.turn().thread().interrupt();
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
    giveBack();
    try {
      return body.call();
    } finally {
      loop().continueLater(task());
      awaitTurn();
    }
  }

  @Override
  void attach() {
    // resume() waits for whoever has been given the turn, whatever it does
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
    taskHasTurn = false;
    LockSupport.unpark(loopThread);
  }
}
