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

  /** Runs a body in virtual time; fails if an error reaches the loop's exception handler. */
  void run(ThrowingRunnable body) {
    List<ExceptionContext> unhandled = new ArrayList<>();
    VirtualTime.run(() -> {
      EventLoop loop = Asyncio.getRunningLoop();
      loop.setTaskFactory(this == EAGER ? TaskFactory.EAGER : null);
      loop.setExceptionHandler((failed, context) -> unhandled.add(context));
      body.run();
    });
    assertThat(unhandled).as("errors that nobody received").isEmpty();
  }
}
