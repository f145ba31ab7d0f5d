package dev.aioli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a run does when it is asked to stop, in place of cancelling its main task at once. */
final class Drain {
  private final ThrowingRunnable body;
  private final Duration grace;
  private @Nullable TimerHandle limit;

  /**
   * A drain.
   *
   * @param body makes the main task come to its end
   * @param grace how long that may take
   */
  Drain(ThrowingRunnable body, Duration grace) {
    if (grace.isNegative()) {
      throw new IllegalArgumentException("expected a grace of zero or more, was " + grace);
    }
    this.body = body;
    this.grace = grace;
  }

  /**
   * Starts it; once. In the turn.
   *
   * @param outOfTime called if the main task must not go on any longer
   */
  void start(EventLoop loop, Runnable outOfTime) {
    limit = loop.timer(grace, outOfTime);
    Task<?> draining = loop.createTask(Asyncio.callable(body));
    draining.setName("drain");
    draining.addDoneCallback(done -> {
      if (!done.cancelled() && done.exception() != null) {
        loop.callExceptionHandler(
            ExceptionContext.of("the drain failed, so the main task is cancelled", done.exception())
                .withFuture(done));
        outOfTime.run();
      }
    });
  }

  /** The run is over. While the loop does not run. */
  void end() {
    if (limit != null) {
      limit.cancel();
    }
  }
}
