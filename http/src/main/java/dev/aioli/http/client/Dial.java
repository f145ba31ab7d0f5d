package dev.aioli.http.client;

import dev.aioli.Asyncio;
import dev.aioli.Block;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.Task;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection that several requests wait for, since it may be one that they can share. It is
 * opened by a task of its own, so that none of them depends on another one's fate; that task is
 * cancelled when nobody waits any more.
 */
final class Dial {
  private final Task<ClientConnection> opening;
  private final Consumer<ClientConnection> unwanted;
  private int waiters;
  private boolean taken;

  /**
   * Begins to open a connection. In the turn.
   *
   * @param unwanted takes the connection if nobody waits any more when it is there
   */
  Dial(
      EventLoop loop,
      Block<ClientConnection, RuntimeException> open,
      Consumer<ClientConnection> unwanted) {
    this.unwanted = unwanted;
    opening = loop.createTask(() -> open.run());
  }

  /**
   * Waits for the connection; null if it is not shared and another request has taken it.
   *
   * @throws HttpException if it cannot be opened: the same for all that wait
   */
  @Suspends
  @Nullable ClientConnection await() {
    waiters++;
    try {
      ClientConnection made = Asyncio.shield(opening).await();
      if (taken && !made.shared()) {
        return null;
      }
      taken = true;
      return made;
    } finally {
      waiters--;
      if (waiters == 0) {
        leave();
      }
    }
  }

  private void leave() {
    if (!opening.done()) {
      opening.cancel();
    } else if (!taken && !opening.cancelled() && opening.exception() == null) {
      unwanted.accept(opening.result());
    }
  }
}
