package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/**
 * How tasks start. What is structured must behave alike both ways: upstream's combinators broke
 * more than once on eager tasks (python/cpython#124309, #128550, #128588).
 */
enum Start {
  LAZY,
  EAGER;

  /** A body that may let time pass while it computes. */
  interface TimedBody {
    void run(VirtualTime time) throws Exception;
  }

  /** Runs a body in virtual time; fails if an error reaches the loop's exception handler. */
  void run(ThrowingRunnable body) {
    runTimed(time -> body.run());
  }

  /** As {@link #run}, with the clock in hand. */
  void runTimed(TimedBody body) {
    List<ExceptionContext> unhandled = new ArrayList<>();
    VirtualTime time = new VirtualTime();
    try (Runner runner = new Runner(time::newLoop)) {
      EventLoop loop = runner.getLoop();
      loop.setTaskFactory(this == EAGER ? TaskFactory.EAGER : null);
      loop.setExceptionHandler((failed, context) -> unhandled.add(context));
      runner.run(() -> {
        body.run(time);
        return null;
      });
    }
    assertThat(unhandled).as("errors that nobody received").isEmpty();
  }
}
