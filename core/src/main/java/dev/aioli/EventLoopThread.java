package dev.aioli;

import dev.aioli.sync.Event;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An event loop in a thread of its own, for programs that are not asynchronous themselves:
 *
 * <pre>{@code
 * try (var loop = EventLoopThread.start("io")) {
 *   String text = loop.submit(() -> fetch(url)).result(Duration.ofSeconds(5));
 * }
 * }</pre>
 *
 * <p>Closing cancels the tasks that are left, waits until they have cleaned up, and ends the
 * thread; {@link #close(Duration)} lets them go on for a time first. All methods may be called from
 * any thread but the loop's own, where {@link #join} and {@link #close} fail.
 */
public final class EventLoopThread implements AutoCloseable {
  private final EventLoop loop;
  private final Thread thread;
  private final Event stop = new Event();
  private final CountDownLatch started = new CountDownLatch(1);

  /** Whether {@link #close(Duration)} has been called: nothing more is submitted. */
  private volatile boolean draining;

  /** The tasks that are not the user's. Touched in the loop's turn. */
  private final Set<@Nullable Task<?>> ours = new HashSet<>();

  private EventLoopThread(String name, EventLoop loop) {
    this.loop = loop;
    thread = Thread.ofPlatform().name(name).unstarted(this::run);
  }

  /** A loop with the default settings, in a thread of that name. It runs when this returns. */
  public static EventLoopThread start(String name) {
    return start(name, EventLoop::newEventLoop);
  }

  /** As {@link #start(String)}, with a loop that the factory makes. */
  public static EventLoopThread start(String name, Supplier<EventLoop> loopFactory) {
    EventLoopThread started = new EventLoopThread(name, loopFactory.get());
    started.thread.start();
    started.awaitStart();
    return started;
  }

  private void run() {
    try (var posts = loop.outside().hold("EventLoopThread");
        Runner runner = new Runner(() -> loop)) {
      runner.run(() -> {
        ours.add(Asyncio.currentTask());
        started.countDown();
        stop.await();
      });
    } catch (CancelledError e) {
      // somebody has interrupted the thread, which asks it to end
    } finally {
      started.countDown(); // if it never ran
    }
  }

  /** An interrupt is kept: it is over in a moment. */
  private void awaitStart() {
    boolean interrupted = false;
    while (started.getCount() > 0) {
      try {
        started.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The loop. */
  public EventLoop loop() {
    return loop;
  }

  /**
   * Runs a body as a task of the loop.
   *
   * @throws IllegalStateException if the loop is closed, or about to: {@link #close(Duration)}
   */
  public <T extends @Nullable Object> SubmittedTask<T> submit(Callable<? extends T> body) {
    checkNotDraining();
    return Asyncio.runCoroutineThreadsafe(body, loop);
  }

  /** As {@link #submit(Callable)}, without a result. */
  public SubmittedTask<@Nullable Void> submit(ThrowingRunnable body) {
    checkNotDraining();
    return Asyncio.runCoroutineThreadsafe(body, loop);
  }

  /** Asks the loop to end and returns at once. Idempotent. */
  public void stop() {
    loop.postUnlessClosed(stop::set);
  }

  /**
   * Waits until the thread has ended.
   *
   * @return whether it has; false if the time ran out
   * @throws IllegalStateException in the loop's own turn, which it would block, and in a thread of
   *     its default executor, for which the end of the loop waits
   */
  public boolean join(Duration timeout) throws InterruptedException {
    checkMayBlock();
    return thread.join(timeout);
  }

  /**
   * {@link #stop} and wait, however long the tasks take to clean up. An interrupt ends the wait,
   * not the loop, and is kept.
   *
   * @throws IllegalStateException in the loop's own turn, which it would block, and in a thread of
   *     its default executor, for which the end of the loop waits
   */
  @Override
  public void close() {
    checkMayBlock();
    stop();
    awaitEnd();
  }

  /**
   * As {@link #close()}, but lets the tasks go on for a time first: until none is left, or the time
   * of the loop's clock is over; then it cancels those that are left. Meanwhile {@link #submit}
   * refuses, while tasks may start others. {@link #stop} and {@link #close()} in another thread end
   * the time at once. An interrupt ends the wait, not the loop, and is kept.
   *
   * @throws IllegalArgumentException if the time is negative
   * @throws IllegalStateException as {@link #close()}
   */
  public void close(Duration grace) {
    if (grace.isNegative()) {
      throw new IllegalArgumentException("expected a grace of zero or more, was " + grace);
    }
    checkMayBlock();
    draining = true;
    loop.postUnlessClosed(() ->
        ours.add(
            loop.newTask(
                Asyncio.callable(() -> drain(grace)),
                TaskOptions.DEFAULT.withName("aioli-drain"))));
    awaitEnd();
  }

  private void drain(Duration grace) {
    long deadlineNanos = Nanos.plus(loop.timeNanos(), Nanos.of(grace));
    List<Task<?>> left = tasksOfTheUser();
    while (!left.isEmpty() && loop.timeNanos() < deadlineNanos) {
      long nanos = Nanos.until(loop.timeNanos(), deadlineNanos);
      Asyncio.await(left, Duration.ofNanos(nanos), ReturnWhen.ALL_COMPLETED);
      left = tasksOfTheUser();
    }
    stop.set();
  }

  private List<Task<?>> tasksOfTheUser() {
    return loop.allTasks().stream().filter(task -> !ours.contains(task)).toList();
  }

  private void awaitEnd() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void checkNotDraining() {
    if (draining) {
      throw new IllegalStateException(
          "expected a loop that takes tasks, but it ends: close(Duration) was called on the thread"
              + " of "
              + loop);
    }
  }

  private void checkMayBlock() {
    if (EventLoop.currentOrNull() == loop) {
      throw new IllegalStateException(
          "waiting here for the end of " + loop + " would block it; use stop()");
    }
    if (loop.defaultExecutor().runsIn(Thread.currentThread())) {
      throw new IllegalStateException(
          "waiting here for the end of "
              + loop
              + " would wait for this thread itself, which is of its default executor; use stop()");
    }
  }
}
