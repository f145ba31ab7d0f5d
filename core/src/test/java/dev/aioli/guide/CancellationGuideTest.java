package dev.aioli.guide;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.shield;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.timeout;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.TimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CancellationGuideTest extends GuidePage {
  @Test
  void cancel() {
    inVirtualTime(() -> {
      // region cancel
      Task<?> task =
          createTask(() -> {
            try {
              println("working");
              sleep(Duration.ofHours(1)); // CancelledError comes out here
              println("never printed");
            } finally {
              println("cleaning up");
            }
          });
      sleep(ofMillis(10));
      task.cancel(); // a request; it is delivered when the task runs next
      try {
        task.await();
      } catch (CancelledError e) {
        println("cancelled: " + task.cancelled());
      }
      // endregion cancel
      assertThat(millis()).isEqualTo(10);
    });
    assertPrinted("working", "cleaning up", "cancelled: true");
  }

  @Test
  void catchExceptionIsHarmless() {
    inVirtualTime(() -> {
      // region catch
      Task<?> task =
          createTask(() -> {
            while (true) {
              try {
                sleep(ofMillis(10)); // poll something
              } catch (Exception e) { // CancelledError is an Error: it is not caught here
                println("ignored: " + e);
              }
            }
          });
      sleep(ofMillis(25));
      task.cancel();
      sleep(Duration.ZERO);
      println(task.cancelled());
      // endregion catch
    });
    assertPrinted("true");
  }

  @Test
  void cleanUpMayWait() {
    inVirtualTime(() -> {
      // region clean-up
      Task<?> task =
          createTask(() -> {
            try {
              sleep(Duration.ofHours(1));
            } finally {
              sleep(ofMillis(30)); // say goodbye; one cancel() hits a task once
              println("closed");
            }
          });
      sleep(ofMillis(10));
      try {
        timeout(ofMillis(5), () -> task.await()); // at the limit it cancels the task, and waits
      } catch (TimeoutException e) {
        println("the limit has passed");
      }
      // endregion clean-up
      assertThat(millis()).isEqualTo(45);
    });
    assertPrinted("closed", "the limit has passed");
  }

  @Test
  void message() {
    inVirtualTime(() -> {
      // region message
      Task<?> task = createTask(() -> sleep(Duration.ofHours(1)));
      sleep(ofMillis(10));
      task.cancel("shutting down");
      try {
        task.await();
      } catch (CancelledError e) {
        println(e.getMessage());
      }
      // endregion message
    });
    assertPrinted("shutting down");
  }

  @Test
  void shielded() {
    inVirtualTime(() -> {
      // region shield
      Task<String> saving =
          createTask(() -> {
            sleep(ofMillis(100));
            return "saved";
          });
      Task<?> request = createTask(() -> shield(saving).await());
      sleep(ofMillis(10));
      request.cancel();
      sleep(Duration.ZERO);
      println(request.cancelled());
      println(saving.await()); // keep `saving`: otherwise nobody sees how it ends
      // endregion shield
      assertThat(millis()).isEqualTo(100);
    });
    assertPrinted("true", "saved");
  }

  @Test
  void whoCancelled() {
    inVirtualTime(() -> {
      // region counter
      Task<?> task =
          createTask(() -> {
            try {
              timeout(ofMillis(50), () -> sleep(Duration.ofHours(1)));
            } catch (TimeoutException e) { // only for the limit's own cancellation
              println("too slow");
            }
          });
      sleep(ofMillis(10));
      task.cancel(); // from outside: stays a CancelledError, through the timeout
      sleep(Duration.ZERO);
      println("cancelled: " + task.cancelled() + ", requests: " + task.cancelling());
      // endregion counter
    });
    assertPrinted("cancelled: true, requests: 1");
  }
}
