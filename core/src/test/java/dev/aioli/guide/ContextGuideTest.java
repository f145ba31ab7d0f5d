package dev.aioli.guide;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.runInExecutor;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.toThread;
import static java.time.Duration.ofMillis;

import dev.aioli.Asyncio;
import dev.aioli.Context;
import dev.aioli.ContextVar;
import dev.aioli.TaskOptions;
import org.junit.jupiter.api.Test;

class ContextGuideTest extends GuidePage {
  // region variable
  static final ContextVar<String> USER = new ContextVar<>("user", "nobody");

  // endregion variable

  @Test
  void inherits() {
    inVirtualTime(() -> {
      // region inherit
      USER.set("ann");
      var child =
          createTask(() -> {
            println("child sees " + USER.get());
            USER.set("bob"); // in the child's own copy
          });
      child.await();
      println("parent sees " + USER.get());
      // endregion inherit
    });
    assertPrinted("child sees ann", "parent sees ann");
  }

  @Test
  void tokens() {
    inVirtualTime(() -> {
      // region token
      var token = USER.set("root");
      try {
        println(USER.get());
      } finally {
        USER.reset(token);
      }
      println(USER.get());
      // endregion token
    });
    assertPrinted("root", "nobody");
  }

  @Test
  void callbacks() {
    inVirtualTime(() -> {
      // region callback
      USER.set("ann");
      getRunningLoop().callSoon(() -> println("callback of " + USER.get()));
      USER.set("bob");
      getRunningLoop().callSoon(() -> println("callback of " + USER.get()));
      sleep(ofMillis(1));
      // endregion callback
    });
    assertPrinted("callback of ann", "callback of bob");
  }

  @Test
  void shared() {
    inVirtualTime(() -> {
      // region shared
      var context = new Context();
      var setter = createTask(() -> USER.set("ann"), TaskOptions.DEFAULT.withContext(context));
      setter.await();
      var reader = createTask(() -> USER.get(), TaskOptions.DEFAULT.withContext(context));
      println(reader.await());
      // endregion shared
    });
    assertPrinted("ann");
  }

  @Test
  void threads() {
    Asyncio.run(() -> {
      // region threads
      USER.set("ann");
      println(toThread(() -> USER.get())); // carries the context, as asyncio.to_thread
      println(runInExecutor(() -> USER.get()).await()); // does not, as run_in_executor
      // endregion threads
    });
    assertPrinted("ann", "nobody");
  }
}
