package dev.aioli;

import java.util.function.Consumer;

/** Stops a loop when what it was to run is done. As asyncio's _run_until_complete_cb. */
record StopWhenDone(EventLoop loop) implements Consumer<Future<?>> {
  @Override
  public void accept(Future<?> future) {
    if (!endsLoop(future)) { // then runForever ends by itself
      loop.stop();
    }
  }

  private static boolean endsLoop(Future<?> future) {
    Throwable exception = future.cancelled() ? null : future.exception();
    return exception instanceof KeyboardInterrupt || exception instanceof SystemExit;
  }
}
