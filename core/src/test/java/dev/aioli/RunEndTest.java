package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.shield;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.taskGroup;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What happens to the tasks that are left when {@code run} ends. */
class RunEndTest {
  private final List<String> log = new ArrayList<>();

  @Test // a run neither ends with tasks pending nor hangs on them
  void leftoverTaskIsCancelledAndAwaited() {
    String result =
        VirtualTime.run(() -> {
          createTask(() -> {
            try {
              sleep(ms(100_000));
            } finally {
              sleep(ms(10));
              log.add("cleaned up");
            }
          });
          tick();
          return "result of main";
        });
    assertThat(result).isEqualTo("result of main");
    assertThat(log).containsExactly("cleaned up");
  }

  @Test // initc3/HoneyBadgerMPC#231
  void errorOfALeftoverTaskReachesTheExceptionHandler() {
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop()
          .setExceptionHandler((loop, context) -> log.add(context.exception().getMessage()));
      createTask(() -> {
        try {
          sleep(ms(100_000));
        } finally {
          throwIllegalArgument();
        }
      });
      tick();
    });
    assertThat(log).containsExactly("clean-up failed");
  }

  private static void throwIllegalArgument() {
    throw new IllegalArgumentException("clean-up failed");
  }

  @Test
  void taskThatRefusesToBeCancelledIsAwaitedAllTheSame() {
    VirtualTime.run(() -> {
      createTask(() -> {
        try {
          sleep(ms(100_000));
        } catch (CancelledError e) {
          sleep(ms(100));
          log.add("ended in its own time");
        }
      });
      tick();
    });
    assertThat(log).containsExactly("ended in its own time");
  }

  @Test // python/cpython's shield orphans its inner task; here the end of run waits for it
  void shieldedTaskIsAwaitedAtTheEnd() {
    VirtualTime.run(() -> {
      Task<?> inner =
          createTask(() -> {
            try {
              sleep(ms(100));
            } finally {
              sleep(ms(10));
              log.add("inner cleaned up");
            }
          });
      Task<?> outer = createTask(() -> shield(inner).await());
      tick();
      tick();
      outer.cancel();
    });
    assertThat(log).containsExactly("inner cleaned up");
  }

  @Test
  void errorThatEndsTheLoopComesOutOnceThoughAnotherTaskEndsWithItToo() {
    SystemExit exit = new SystemExit(3);
    assertThatThrownBy(() ->
            VirtualTime.run(() ->
                taskGroup(group -> {
                  group.createTask(() -> {
                    tick();
                    throw exit;
                  });
                })))
        .isSameAs(exit);
  }

  @Test
  void anotherErrorThatEndsTheLoopDuringCleanUpIsSuppressed() {
    assertThatThrownBy(() ->
            VirtualTime.run(() -> {
              createTask(() -> {
                try {
                  sleep(ms(100_000));
                } finally {
                  throwKeyboardInterrupt();
                }
              });
              tick();
              throw new SystemExit(3);
            }))
        .isInstanceOf(SystemExit.class)
        .satisfies(
            e -> assertThat(e.getSuppressed()).hasOnlyElementsOfType(KeyboardInterrupt.class));
  }

  private static void throwKeyboardInterrupt() {
    throw new KeyboardInterrupt();
  }

  /** Leaves two tasks behind, in debug mode and not. */
  static final class LeavesTasks {
    public static void main(String[] args) {
      for (boolean debug : new boolean[] {false, true}) {
        System.out.println("debug: " + debug);
        Asyncio.run(() -> {
          Asyncio.getRunningLoop().setDebug(debug);
          createTask(() -> sleep(ms(100_000)), "first");
          createTask(() -> sleep(ms(100_000)), "second");
          tick();
        });
      }
    }
  }

  @Test
  void debugModeTellsWhichTasksWereLeft() throws Exception {
    String output = ChildJvm.run(LeavesTasks.class, ChildJvm.engine()).output();
    assertThat(output.substring(output.indexOf("debug: false"), output.indexOf("debug: true")))
        .doesNotContain("still running");
    assertThat(output.substring(output.indexOf("debug: true")))
        .contains("WARNING: 2 tasks were still running at the end of the run; cancelling:")
        .contains("\n    Task[first pending waiting for Future]")
        .contains("\n    Task[second pending waiting for Future]");
  }

  @Test
  void manyTasksThatWereLeftAreCounted() {
    VirtualTime.run(() -> {
      for (int i = 0; i < 30; i++) {
        createTask(() -> sleep(ms(100_000)), "left-" + i);
      }
      tick();
      String text = LeftoverTasks.describe(Asyncio.allTasks());
      assertThat(text)
          .startsWith("31 tasks were still running")
          .contains("left-18")
          .doesNotContain("left-19")
          .endsWith("\n    and 11 more");
    });
  }
}
