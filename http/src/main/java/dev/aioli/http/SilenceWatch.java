package dev.aioli.http;

import dev.aioli.http.HttpException.TimedOut.Limit;
import org.jspecify.annotations.Nullable;

/** Watches how long the server of a connection is silent. Costs nothing without such a limit. */
final class SilenceWatch extends DeadlineQueue.Entry {
  private final Http1Connection connection;
  private final Pool pool;
  private @Nullable Limit running;

  SilenceWatch(Http1Connection connection, Pool pool) {
    this.connection = connection;
    this.pool = pool;
  }

  /** The request has been sent: now the head is due. */
  void awaitResponse() {
    start(pool.responseDeadlines(), Limit.RESPONSE);
  }

  /** Something has arrived: now more of the body is due. */
  void awaitBody() {
    start(pool.readDeadlines(), Limit.READ);
  }

  private void start(@Nullable DeadlineQueue queue, Limit limit) {
    running = limit;
    if (queue == null) {
      stop();
    } else {
      queue.start(this);
    }
  }

  @Override
  void expired() {
    Exchange exchange = connection.current();
    if (exchange != null && running != null) {
      connection.close(
          new HttpException.TimedOut(running, pool.describe(running) + ": " + exchange, null));
    }
  }
}
