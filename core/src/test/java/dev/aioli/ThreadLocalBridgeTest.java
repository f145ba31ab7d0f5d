package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.slf4j.MDC;

/** The bridge of the guide, carrying SLF4J's MDC. */
class ThreadLocalBridgeTest {
  // region mdc
  /** Carries SLF4J's MDC along with tasks, callbacks and toThread. */
  static final class MdcBridge implements ThreadLocalBridge<Map<String, String>> {
    @Override
    public Map<String, String> capture() {
      Map<String, String> copy = MDC.getCopyOfContextMap();
      return copy == null ? Map.of() : copy;
    }

    @Override
    public void restore(Map<String, String> value) {
      MDC.setContextMap(value);
    }
  }

  // endregion mdc

  private final List<String> seen = new ArrayList<>();
  private Context.Registration registration = () -> {};

  @BeforeEach
  void register() {
    registration = Context.carry(new MdcBridge());
  }

  @AfterEach
  void clear() {
    registration.close();
    MDC.clear();
  }

  private void note(String who) {
    seen.add(who + "=" + MDC.get("request"));
  }

  @Test
  void taskStartsWithItsCreatorsValueAndKeepsItsOwn() {
    MDC.put("request", "outer");
    VirtualTime.run(() -> {
      note("main");
      MDC.put("request", "main");
      Task<?> child =
          Asyncio.createTask(() -> {
            note("child");
            MDC.put("request", "child");
            Asyncio.sleep(Duration.ofMillis(1)); // it survives the suspension
            note("child later");
          });
      MDC.put("request", "main changed");
      child.await();
      note("main later");
    });
    note("caller");
    assertThat(seen)
        .containsExactly(
            "main=outer",
            "child=main",
            "child later=child",
            "main later=main changed",
            "caller=outer");
  }

  @Test
  void callbackRunsWithItsCreatorsValueAndLeavesNoTrace() {
    VirtualTime.run(() -> {
      EventLoop loop = Asyncio.getRunningLoop();
      MDC.put("request", "a");
      loop.callSoon(() -> note("first"));
      MDC.put("request", "b");
      loop.callSoon(() -> note("second"));
      Asyncio.sleep(Duration.ofMillis(1));
    });
    note("caller");
    assertThat(seen).containsExactly("first=a", "second=b", "caller=null");
  }

  @Test
  void toThreadCarriesTheValue() {
    Asyncio.run(() -> {
      MDC.put("request", "a");
      Asyncio.toThread(() -> {
        note("worker");
        return null;
      });
    });
    assertThat(seen).containsExactly("worker=a");
  }

  @Test
  @DisabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "bare",
      disabledReason = "a thread-local that is not carried is the loop's thread's")
  void nothingIsCarriedAfterTheRegistrationIsClosed() {
    registration.close();
    MDC.put("request", "outer");
    VirtualTime.run(() -> Asyncio.createTask(() -> note("task")).await());
    assertThat(seen).containsExactly("task=null");
  }
}
