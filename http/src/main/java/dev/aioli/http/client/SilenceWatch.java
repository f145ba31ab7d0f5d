package dev.aioli.http.client;

import dev.aioli.http.client.HttpException.TimedOut.Limit;
import org.jspecify.annotations.Nullable;

/** Watches how long a server is silent. Costs nothing without such a limit. */
final class SilenceWatch extends DeadlineQueue.Entry {
  private final Watched watched;
  private final Pool pool;
  private @Nullable Limit running;

  /** Where the server is listened to. */
  interface Watched {
    /** What it has been asked; null if nothing. */
    @Nullable Exchange current();

    /** It has been silent for too long. On the loop's thread. */
    void silent(HttpException.TimedOut error);
  }

  SilenceWatch(Watched watched, Pool pool) {
    this.watched = watched;
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
    Exchange exchange = watched.current();
    if (exchange != null && running != null) {
      watched.silent(
          new HttpException.TimedOut(running, pool.describe(running) + ": " + exchange, null));
    }
  }
}
