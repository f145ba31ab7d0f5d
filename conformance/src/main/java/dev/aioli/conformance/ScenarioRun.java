package dev.aioli.conformance;

import dev.aioli.Asyncio;
import dev.aioli.Engine;
import dev.aioli.EventLoop;
import dev.aioli.ExceptionContext;
import dev.aioli.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One run of a scenario, from making its objects to the end of what is left over. */
final class ScenarioRun {
  private final VirtualTime time = new VirtualTime();
  private final Trace trace;
  private final EventLoop loop;
  private final Scenario scenario;

  private ScenarioRun(Scenario scenario, Engine engine, boolean withTicks) {
    this.scenario = scenario;
    trace = new Trace(time, withTicks);
    loop = EventLoop.builder().engine(engine).clock(time).poller(time).debug(false).build();
    loop.setExceptionHandler((where, context) -> reportCallback(context));
  }

  /**
   * The trace of a scenario. Uses the calling thread: a virtual one suits the hand-over engine, a
   * platform thread the other one.
   */
  static List<String> trace(Scenario scenario, Engine engine, boolean withTicks) {
    ScenarioRun run = new ScenarioRun(scenario, engine, withTicks);
    try {
      run.execute();
    } catch (Halt halt) {
      // the step limit: the trace is closed
    } finally {
      run.trace.close();
      run.loop.close();
    }
    return run.trace.lines();
  }

  private void reportCallback(ExceptionContext context) {
    Throwable error = context.exception();
    if (context.handle() != null && error != null) {
      trace.line(time.millis() + " loop - exception_handler !" + Rendering.kind(error));
    }
  }

  private void execute() {
    Interpreter interpreter = new Interpreter(scenario, loop, time, trace);
    runMain(interpreter.spawn("main", null, false));
    dump("STATE", interpreter);
    List<Task<@Nullable Object>> left =
        interpreter.tasks().stream().filter(task -> !task.done()).toList();
    StringBuilder line = new StringBuilder("= SHUTDOWN");
    left.forEach(task -> line.append(' ').append(task.getName()));
    trace.line(line.toString());
    if (!left.isEmpty()) {
      shutDown(left);
    }
    dump("FINAL", interpreter);
  }

  private void runMain(Task<@Nullable Object> main) {
    try {
      Object value = loop.runUntilComplete(main);
      trace.line("= MAIN " + Rendering.good(value));
    } catch (Deadlock deadlock) {
      trace.line("= DEADLOCK");
    } catch (Halt halt) {
      throw halt;
    } catch (Throwable error) {
      if (!main.done()) {
        throw error;
      }
      trace.line("= MAIN !" + Rendering.kind(error));
    }
  }

  /** What asyncio.run does to the tasks left over, in the same iterations. */
  private void shutDown(List<Task<@Nullable Object>> left) {
    left.forEach(Task::cancel);
    // gather wants a running loop; asyncio makes it just before the loop goes on.
    time.atNextPoll(
        () -> Asyncio.gatherFuture(left, true).addDoneCallback(gathered -> loop.stop()));
    try {
      loop.runForever();
    } catch (Deadlock deadlock) {
      trace.line("= DEADLOCK");
    }
  }

  private void dump(String title, Interpreter interpreter) {
    trace.line("= " + title + " " + time.millis());
    interpreter.world().describe().forEach(trace::line);
    for (Task<?> task : interpreter.tasks()) {
      trace.line(
          "task "
              + task.getName()
              + " "
              + Rendering.state(task)
              + " cancelling="
              + task.cancelling());
    }
  }
}
