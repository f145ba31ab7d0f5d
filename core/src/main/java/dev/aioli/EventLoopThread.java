package dev.aioli;

import dev.aioli.sync.Event;
import java.time.Duration;
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
 * thread. All methods may be called from any thread but the loop's own, where {@link #join} and
 * {@link #close} fail.
 */
public final class EventLoopThread implements AutoCloseable {
  private final EventLoop loop;
  private final Thread thread;
  private final Event stop = new Event();
  private final CountDownLatch started = new CountDownLatch(1);

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
   * @throws IllegalStateException if the loop is closed
   */
  public <T extends @Nullable Object> SubmittedTask<T> submit(Callable<? extends T> body) {
    return Asyncio.runCoroutineThreadsafe(body, loop);
  }

  /** As {@link #submit(Callable)}, without a result. */
  public SubmittedTask<@Nullable Void> submit(ThrowingRunnable body) {
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
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
