package dev.aioli.http.wire;

import dev.aioli.EventLoop;
import dev.aioli.ExceptionContext;
import dev.aioli.net.NettyPoller;
import io.netty.channel.Channel;
import java.util.function.Consumer;

/**
 * Callbacks about one channel, by the loop or by Netty. The failure of one is reported, and closes
 * the channel: that is how everybody learns of it who waits for something on the channel.
 *
 * <p>A failure that is reported only is no better than none: those who wait for what the callback
 * should have done would wait for ever.
 */
public final class Callbacks {
  private final NettyPoller poller;
  private final Channel channel;

  public Callbacks(NettyPoller poller, Channel channel) {
    this.poller = poller;
    this.channel = channel;
  }

  /** Has an operation run on the loop's thread, in its next iteration. */
  public void post(Runnable operation) {
    poller.post(guarded(operation));
  }

  /** The same operation, for those who call back by themselves. */
  public Runnable guarded(Runnable operation) {
    return () -> run(operation);
  }

  /** Runs an operation now. */
  public void run(Runnable operation) {
    run(
        poller.loop(),
        channel,
        operation,
        failure -> {
          var _ = channel.close();
        });
  }

  /**
   * Runs an operation; reports its failure and tells it to whoever is to tell others.
   *
   * @param about what the operation belongs to, for the report
   */
  public static void run(
      EventLoop loop, Object about, Runnable operation, Consumer<Throwable> failed) {
    try {
      operation.run();
    } catch (Exception e) {
      report(loop, about, e);
      failed.accept(e);
    } catch (Error e) {
      failed.accept(e);
      throw e; // the loop knows which of them it survives
    }
  }

  /** Reports a failure that is nobody's fault but ours. */
  public static void report(EventLoop loop, Object about, Throwable failure) {
    loop.callExceptionHandler(ExceptionContext.of("Exception in a callback of " + about, failure));
  }
}
