package dev.aioli;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Prints the threads of the JVM and the tasks of all running loops, blocked or not, when a signal
 * comes, and goes on: what the JVM does with threads alone at SIGQUIT, which it keeps for itself.
 */
final class DumpSignal {
  private static final String PROPERTY = "dev.aioli.dumpSignal";

  /** How long a loop may take to answer; then it is looked at from outside. */
  private static final long ANSWER_NANOS = Duration.ofMillis(200).toNanos();

  private static volatile boolean installed;

  private DumpSignal() {}

  /**
   * Listens to the signal that the system property names, if it does, once for the JVM.
   *
   * @throws IllegalStateException if the property names a signal that cannot be had
   */
  static void install() {
    if (!installed) {
      installOnce();
    }
  }

  private static synchronized void installOnce() {
    if (installed) {
      return;
    }
    String chosen = System.getProperty(PROPERTY, "").strip();
    try {
      if (!chosen.isEmpty()) {
        listenTo(chosen);
      }
    } catch (IllegalArgumentException | IllegalStateException | ReflectiveOperationException e) {
      throw new IllegalStateException(
          "-D" + PROPERTY + " expected a signal for programs, such as USR1: " + e.getMessage(), e);
    }
    installed = true;
  }

  private static void listenTo(String name) throws ReflectiveOperationException {
    SignalHandling handling = SignalHandling.of(name, "Aioli's dump of tasks", by -> print());
    if (!handling.isOnTopOfTheJvm()) {
      handling.giveBack(); // the program has a handler of its own
    }
  }

  /** On a thread of the JVM's for the signal. */
  private static void print() {
    StringBuilder text = new StringBuilder();
    Thread.getAllStackTraces().entrySet().stream()
        .sorted(Map.Entry.comparingByKey((a, b) -> Long.compare(a.threadId(), b.threadId())))
        .forEach(entry -> {
          text.append(entry.getKey()).append(' ').append(entry.getKey().getState()).append('\n');
          Arrays.stream(entry.getValue())
              .forEach(frame -> text.append("    at ").append(frame).append('\n'));
        });
    EventLoop[] loops = RunningLoops.all();
    if (loops.length == 0) {
      text.append("No event loop runs.\n");
    }
    for (EventLoop loop : loops) {
      try {
        text.append(tasksOf(loop)).append('\n');
      } catch (RuntimeException | LinkageError e) { // the others are to be seen all the same
        text.append(loop).append(" cannot be shown: ").append(e).append('\n');
      }
    }
    System.err.print(text);
    System.err.flush();
  }

  private static String tasksOf(EventLoop loop) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    loop.postUnlessClosed(() -> answer.complete(TaskDump.of(loop)));
    try {
      return answer.get(ANSWER_NANOS, TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      BlockedStep blocked = blockedStep(loop);
      return (blocked == null ? "" : blocked.report() + "\n") + TaskDump.of(loop);
    } catch (InterruptedException e) { // by nobody that we know
      Thread.currentThread().interrupt();
      return TaskDump.of(loop);
    }
  }

  private static @Nullable BlockedStep blockedStep(EventLoop loop) {
    StepWatch watch = loop.iterations().watch();
    return watch.runningStep() == 0 ? null : watch.describe(ANSWER_NANOS);
  }
}
