package dev.aioli.http.testing;

import dev.aioli.CancelledError;
import dev.aioli.Suspends;
import dev.aioli.http.server.Handler;
import dev.aioli.http.server.ServerRequest;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.sync.Event;

/** Answers nothing, reads nothing, and ends when it is cancelled. */
public final class EndlessHandler implements Handler {
  private final Event began = new Event();
  private final Event cancelled = new Event();

  @Override
  @Suspends
  public ServerResponse handle(ServerRequest request) {
    began.set();
    try {
      new Event().await();
    } catch (CancelledError e) {
      cancelled.set();
      throw e;
    }
    return ServerResponse.text("never");
  }

  /** Suspends until there is a request. */
  @Suspends
  public void awaitRequest() {
    began.await();
  }

  /** Suspends until it is cancelled. */
  @Suspends
  public void awaitCancelled() {
    cancelled.await();
  }
}
