package dev.aioli.lowlevel;

import dev.aioli.EventLoop;
import dev.aioli.Task;
import org.jspecify.annotations.Nullable;

/**
 * Base of objects that belong to one event loop: bound on the first use that has to wait, as
 * asyncio's primitives are, and in debug mode on the first use of any kind.
 *
 * <p>Sharing an object between loops would work until its first contention and fail only then, so
 * the error says plainly what happened.
 */
public abstract class LoopBound {
  /** The loop that owns this object; null until it is bound. Written once, by {@link #bind}. */
  private volatile @Nullable EventLoop loop;

  /**
   * The loop in which it was made or last used. While it is not bound, this tells whose turn a call
   * needs: there is no lock of the interpreter here that would save it from other threads.
   */
  private @Nullable EventLoop home = EventLoop.currentOrNull();

  /** Whether it was made beside loops that ran: then it need not be for one of them. */
  private final boolean madeBesideLoops = home == null && EventLoop.isAnyRunning();

  /** For subclasses. */
  protected LoopBound() {}

  /**
   * The running loop, to which this object belongs from now on.
   *
   * @throws IllegalStateException outside a running loop, or if this object belongs to another one
   */
  protected final EventLoop bind() {
    EventLoop running = EventLoop.getRunningLoop();
    if (loop == null) {
      bindFirst(running);
    }
    if (loop != running) {
      throw inAnotherLoop();
    }
    return running;
  }

  private IllegalStateException inAnotherLoop() {
    return new IllegalStateException(
        this
            + " belongs to another event loop: expected "
            + loop
            + ", found "
            + EventLoop.currentOrNull()
            + "; give each loop objects of its own");
  }

  private synchronized void bindFirst(EventLoop running) {
    if (loop == null) {
      loop = running;
    }
  }

  /**
   * Checks that an operation that need not wait is called from inside a loop; in debug mode it also
   * binds, so that sharing between loops shows at once.
   *
   * @throws IllegalStateException outside a running loop
   */
  protected final void checkRunning() {
    EventLoop running = EventLoop.getRunningLoop();
    home = running;
    if (running.isDebug()) {
      bind();
    }
  }

  /** The task that has the turn of that loop; null in a callback, or if it was in none. */
  protected final @Nullable Task<?> currentTask() {
    EventLoop running = home;
    return running == null ? null : running.currentTask();
  }

  /** Whether the loop in which it was made or last used is in debug mode. */
  protected final boolean inDebugMode() {
    EventLoop running = home;
    return running != null && running.isDebug();
  }

  /**
   * Checks that an object is touched only in the turn of the loop to which it is bound, or in which
   * it was made or last used. It may be touched while that does not run, as in asyncio.
   *
   * <p>In debug mode one that was made before a loop ran, and was not used in one yet, is for no
   * other thread than that of the loop once it runs; and one that is bound is for no other loop.
   *
   * @throws IllegalStateException from a thread that does not have the turn of the loop
   */
  protected final void checkTurn() {
    EventLoop bound = loop;
    EventLoop owner = bound == null ? home : bound;
    if (owner != null) {
      if (!owner.checkTurn(this) && bound != null) {
        throw inAnotherLoop();
      }
    } else if (!madeBesideLoops) {
      EventLoop.checkUnbound(this);
    }
  }

  /**
   * As {@link #checkTurn}, in debug mode only: for methods that change nothing. {@link #toString}
   * does not check: errors show objects, in whatever thread.
   */
  protected final void checkTurnInDebugMode() {
    EventLoop owner = loop == null ? home : loop;
    if (owner == null || owner.isDebug()) {
      checkTurn();
    }
  }
}
