package dev.aioli.net;

import dev.aioli.lowlevel.Poller;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Promise;
import io.netty.util.internal.PlatformDependent;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What Netty takes for its event loop: one of its I/O handlers and a queue of its tasks, driven by
 * whichever thread polls.
 *
 * <p>Netty's own {@code ManualIoEventLoop} belongs to one thread for ever. Our loop may be run by
 * several threads, one after the other, and closed by yet another; on the hand-over engine that
 * happens in every {@code Asyncio.run}. So this class follows the thread that polls.
 */
final class LoopExecutor extends AbstractScheduledEventExecutor implements IoEventLoop {
  private final IoHandler handler;
  private final Wait wait = new Wait();
  private final Queue<Runnable> tasks = PlatformDependent.newMpscQueue();
  private final Promise<@Nullable Void> terminated =
      new DefaultPromise<>(GlobalEventExecutor.INSTANCE);

  // On the polling thread only.
  private boolean initialized;
  private int channels;

  // Read by any thread.
  private volatile @Nullable Thread owner;
  private volatile boolean closed;

  LoopExecutor(IoHandlerFactory factory) {
    handler = factory.newHandler(this);
  }

  /** Itself, as Netty's bootstraps want it. Why it is asked for: see {@link NettyVersion}. */
  IoEventLoop group() {
    return this;
  }

  // ---- driven by the poller

  /**
   * Handles I/O that is ready and runs Netty's tasks; waits for I/O as {@link Poller#poll} says.
   *
   * @param timeoutNanos 0 does not wait
   */
  void run(long timeoutNanos, BooleanSupplier mayWait) {
    owner = Thread.currentThread();
    if (!initialized) {
      initialized = true;
      handler.initialize();
    }
    // An interrupt would end every wait at once: it is put aside, and back at the end.
    wait.interrupted = timeoutNanos > 0 && Thread.interrupted();
    wait.timeoutNanos = timeoutNanos;
    wait.mayWait = mayWait;
    handler.run(wait);
    runTasks();
    if (wait.interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether Netty may have work for the loop though nothing comes from elsewhere. */
  boolean mayBringEvents() {
    return channels > 0 || hasTasks() || hasScheduledTasks();
  }

  /** Whether Netty has work other than I/O. */
  boolean hasTasks() {
    return !tasks.isEmpty();
  }

  /** Ends the wait of {@link #run}. From any thread. */
  void wakeup() {
    if (!closed) {
      handler.wakeup();
    }
  }

  /** Closes every channel and the handler. On any thread, while nobody polls. */
  void destroy() {
    owner = Thread.currentThread();
    try {
      runTasks();
      cancelScheduledTasks();
      handler.prepareToDestroy();
      runTasks();
    } finally {
      closed = true;
      handler.destroy();
      runTasks();
      terminated.setSuccess(null);
    }
  }

  private void runTasks() {
    if (tasks.isEmpty() && !hasScheduledTasks()) {
      return;
    }
    fetchFromScheduledTaskQueue(tasks);
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      safeExecute(task);
    }
  }

  /** What the handler asks before it waits. */
  private final class Wait implements IoHandlerContext {
    private long timeoutNanos;
    private BooleanSupplier mayWait = () -> false;
    private boolean interrupted;

    @Override
    public boolean canBlock() {
      if (timeoutNanos > 0 && Thread.interrupted()) {
        interrupted = true; // before NIO's handler swallows it
      }
      return timeoutNanos > 0 && tasks.isEmpty() && !hasScheduledTasks() && mayWait.getAsBoolean();
    }

    @Override
    public long delayNanos(long currentTimeNanos) {
      return Math.min(timeoutNanos, LoopExecutor.this.delayNanos(currentTimeNanos, timeoutNanos));
    }

    @Override
    public long deadlineNanos() {
      long scheduled = nextScheduledTaskDeadlineNanos(); // -1 for none
      if (timeoutNanos == Poller.FOREVER) {
        return scheduled;
      }
      long now = ticker().nanoTime();
      return scheduled == -1 || scheduled - now > timeoutNanos ? now + timeoutNanos : scheduled;
    }
  }

  // ---- what Netty asks of an executor

  @Override
  public boolean inEventLoop(Thread thread) {
    return owner == thread;
  }

  @Override
  public void execute(Runnable task) {
    if (closed) {
      throw new RejectedExecutionException("the event loop is closed");
    }
    tasks.add(task);
    handler.wakeup(); // does nothing on the polling thread
  }

  @Override
  public IoEventLoop next() {
    return this;
  }

  @Override
  public @Nullable IoEventLoopGroup parent() {
    return null;
  }

  @Override
  public Future<IoRegistration> register(IoHandle handle) {
    Promise<IoRegistration> promise = newPromise();
    if (inEventLoop()) {
      register(handle, promise);
    } else {
      execute(() -> register(handle, promise));
    }
    return promise;
  }

  private void register(IoHandle handle, Promise<IoRegistration> promise) {
    try {
      promise.setSuccess(handler.register(handle));
    } catch (Exception e) {
      promise.setFailure(e);
    }
  }

  @Deprecated
  @Override
  public ChannelFuture register(Channel channel) {
    return register(new DefaultChannelPromise(channel, this));
  }

  @Deprecated
  @Override
  public ChannelFuture register(ChannelPromise promise) {
    return register(promise.channel(), promise);
  }

  @Deprecated
  @Override
  public ChannelFuture register(Channel channel, ChannelPromise promise) {
    channel.unsafe().register(this, promise);
    channels++;
    channel.closeFuture().addListener(closed -> channels--);
    return promise;
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return handler.isCompatible(handleType);
  }

  @Override
  public boolean isIoType(Class<? extends IoHandler> handlerType) {
    return handler.getClass() == handlerType;
  }

  /** Refused: it ends when its loop closes. */
  @Override
  public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
    throw new UnsupportedOperationException("close the event loop instead");
  }

  @Deprecated
  @Override
  public void shutdown() {
    throw new UnsupportedOperationException("close the event loop instead");
  }

  @Override
  public Future<?> terminationFuture() {
    return terminated;
  }

  @Override
  public boolean isShuttingDown() {
    return closed;
  }

  @Override
  public boolean isShutdown() {
    return closed;
  }

  @Override
  public boolean isTerminated() {
    return terminated.isDone();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return terminated.await(timeout, unit);
  }
}
