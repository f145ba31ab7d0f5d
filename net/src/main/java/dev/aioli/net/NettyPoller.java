package dev.aioli.net;

import dev.aioli.Engine;
import dev.aioli.EventLoop;
import dev.aioli.lowlevel.Poller;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.IoEventLoop;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Netty as the poller of an event loop: the loop's own thread waits for sockets, reads them and
 * runs Netty's handlers, between one batch of callbacks and the next.
 *
 * <p>{@link #of} gives a loop its poller on first use. For those who build a protocol on Netty's
 * pipelines; programs use {@code dev.aioli.http}, or {@link Sockets}.
 *
 * <p>Handlers run in the loop's turn: they may complete the loop's futures and call {@link
 * EventLoop#callSoon} or {@link EventLoop#createTask}. Tasks go the other way by {@link #post}.
 */
public final class NettyPoller implements Poller {
  /*
   * The loop polls in every iteration. While callbacks are ready that is a system call for each small
   * batch of them, so a poll that may not wait is skipped if the last one was a moment ago. Both bounds
   * hold, so I/O is never put off for longer, whatever the callbacks do.
   */
  private static final int MAX_SKIPS = 16;
  private static final long MAX_SKIP_NANOS = 20_000;

  private static final System.Logger LOGGER = System.getLogger("dev.aioli.net");

  private final EventLoop loop;
  private final IoTransport transport;
  private final LoopExecutor executor;

  // In the turn only.
  private ChannelMaker channels = ChannelMaker.NETTY;
  private final Set<Runnable> closeHooks = new LinkedHashSet<>();
  private long polledNanos;
  private int skips;
  private long polls;

  private NettyPoller(EventLoop loop, IoTransport transport) {
    this.loop = loop;
    this.transport = transport;
    executor = new LoopExecutor(transport.newHandlerFactory());
  }

  /**
   * The poller of a loop; puts one in the place of the loop's previous poller if that was not
   * Netty's. In the loop's turn, or while the loop does not run.
   *
   * @throws IllegalStateException if Netty is older than 4.2; if the transport that is forced
   *     cannot run here
   */
  public static NettyPoller of(EventLoop loop) {
    if (loop.poller() instanceof NettyPoller poller) {
      return poller;
    }
    NettyVersion.check();
    boolean loopIsVirtual = loop.engine() == Engine.HAND_OVER;
    IoTransport transport = IoTransport.choose(loopIsVirtual);
    LOGGER.log(Level.DEBUG, () -> loop + " " + transport.reason(loopIsVirtual));
    return install(loop, transport);
  }

  static NettyPoller install(EventLoop loop, IoTransport transport) {
    loop.checkTurn();
    NettyPoller poller = new NettyPoller(loop, transport);
    loop.setPoller(poller);
    return poller;
  }

  /** The loop that this polls for. */
  public EventLoop loop() {
    return loop;
  }

  /** What it waits on. */
  public IoTransport transport() {
    return transport;
  }

  /** What Netty's bootstraps take for a group. */
  public IoEventLoop group() {
    return executor.group();
  }

  /**
   * Runs an operation on the loop's thread, in the next iteration: how a task calls Netty. Does
   * nothing if the loop is closed, since then its channels are, too.
   */
  public void post(Runnable operation) {
    if (!loop.isClosed()) {
      loop.callSoon(operation);
    }
  }

  /**
   * Has something done in the turn when Netty has done something. Netty itself calls listeners on
   * the loop's thread only once a channel is registered; those of a channel that could not be made
   * are called on a thread of its own.
   */
  public void whenDone(ChannelFuture outcome, Runnable then) {
    if (outcome.isDone()) {
      then.run();
    } else {
      outcome.addListener(ignored -> inTurn(then));
    }
  }

  private void inTurn(Runnable then) {
    if (executor.inEventLoop()) {
      then.run();
      return;
    }
    try {
      loop.callSoonThreadsafe(then);
    } catch (IllegalStateException e) {
      // the loop is closed: nobody waits
    }
  }

  /** What makes channels of a type, for Netty's bootstraps. */
  <C extends Channel> ChannelFactory<C> channels(Class<? extends C> type) {
    return channels.factory(type);
  }

  /** For tests: what makes channels from now on. */
  void setChannels(ChannelMaker newChannels) {
    channels = newChannels;
  }

  /** Closes a channel on the loop's thread, as {@link #post} does it. */
  public void close(Channel channel) {
    post(() -> {
      var _ = channel.close();
    });
  }

  /**
   * Has something done when the loop closes, while the channels are open still: for what would
   * outlive it.
   */
  void addCloseHook(Runnable hook) {
    closeHooks.add(hook);
  }

  void removeCloseHook(Runnable hook) {
    closeHooks.remove(hook);
  }

  /** How often it asked the system so far; the polls that were skipped do not count. */
  long polls() {
    return polls;
  }

  /** {@inheritDoc} */
  @Override
  public void poll(long timeoutNanos, BooleanSupplier mayWait) {
    if (timeoutNanos > 0) {
      polls++;
      skips = 0;
      executor.run(roundUp(timeoutNanos), mayWait);
      polledNanos = System.nanoTime();
    } else if (!maySkip()) {
      polls++;
      skips = 0;
      executor.run(0, NettyPoller::never);
      polledNanos = System.nanoTime();
    }
  }

  private boolean maySkip() {
    return skips++ < MAX_SKIPS
        && !executor.hasTasks()
        && System.nanoTime() - polledNanos < MAX_SKIP_NANOS;
  }

  private static boolean never() {
    return false;
  }

  /** To what the transport can wait for: it would round to nothing and spin, or wait too short. */
  private long roundUp(long timeoutNanos) {
    long unit = transport.resolutionNanos();
    if (timeoutNanos >= FOREVER - unit) {
      return FOREVER;
    }
    return (timeoutNanos + unit - 1) / unit * unit;
  }

  /** Whether a channel is open, or Netty has work of its own. */
  @Override
  public boolean mayBringEvents() {
    return executor.mayBringEvents();
  }

  /** {@inheritDoc} */
  @Override
  public void wakeup() {
    executor.wakeup();
  }

  /** Closes every channel of the loop. */
  @Override
  public void close() {
    List.copyOf(closeHooks).forEach(Runnable::run);
    executor.destroy();
  }

  @Override
  public String toString() {
    return "NettyPoller[" + transport + "]";
  }
}
