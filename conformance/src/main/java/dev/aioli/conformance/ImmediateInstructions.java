package dev.aioli.conformance;

import dev.aioli.CancelledError;
import dev.aioli.ContextVar;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Handle;
import dev.aioli.Task;
import dev.aioli.Timeout;
import dev.aioli.TimeoutException;
import dev.aioli.sync.Condition;
import dev.aioli.sync.Event;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Semaphore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Instructions that do not wait, and that callbacks may have. Each gives its value. */
final class ImmediateInstructions {
  private final Interpreter run;
  private final Map<String, Handle> handles = new HashMap<>();
  private final Map<String, Consumer<Future<@Nullable Object>>> callbacks = new HashMap<>();
  private final Map<String, SetVariable> tokens = new HashMap<>();

  private record SetVariable(ContextVar<Object> variable, ContextVar.Token<Object> token) {}

  ImmediateInstructions(Interpreter run) {
    this.run = run;
  }

  @Nullable Object execute(Instruction instruction) {
    return switch (instruction.op()) {
      case "log" -> instruction.value();
      case "return" -> new Return(instruction.value());
      case "raise" -> throw Interpreter.unchecked(error(instruction));
      case "reraise" -> throw Interpreter.unchecked(lastCaught());
      case "state" -> run.world().state(instruction.text("obj"));
      case "var_get" -> run.world().variable(instruction.text("var"));
      case "var_add" -> addToVariable(instruction);
      case "get_nowait" -> run.world().queue(instruction).getNowait();
      case "cancel" -> target(instruction).cancel(instruction.textOrNull("msg"));
      case "uncancel" -> task(instruction).uncancel();
      case "cancelling" -> task(instruction).cancelling();
      case "query" -> query(instruction);
      case "expired" -> run.timeout(instruction.text("timeout")).expired();
      case "off_done" -> removeCallback(instruction);
      case "ctx_get" -> run.world().contextVar(instruction).getOrDefault(null);
      default -> {
        executeVoid(instruction);
        yield null;
      }
    };
  }

  private void executeVoid(Instruction instruction) {
    World world = run.world();
    switch (instruction.op()) {
      case "burn" -> run.time().burn(instruction.number("ms"));
      case "release" -> release(world.object(instruction, Object.class));
      case "notify" -> condition(instruction).signal((int) instruction.number("n", 1));
      case "notify_all" -> condition(instruction).signalAll();
      case "event_set" -> world.object(instruction, Event.class).set();
      case "event_clear" -> world.object(instruction, Event.class).clear();
      case "put_nowait" -> world.queue(instruction).putNowait(instruction.number("value"));
      case "task_done" -> world.queue(instruction).taskDone();
      case "shutdown" -> world.queue(instruction).shutdown(instruction.flag("immediate"));
      case "var_set" -> world.setVariable(instruction.text("var"), instruction.number("value"));
      case "spawn" -> spawn(instruction);
      case "let" -> run.bind(instruction.text("name"), run.evaluate(instruction.required("aw")));
      case "set_result" -> world.future(instruction).setResult(instruction.value());
      case "set_exception" -> world.future(instruction).setException(error(instruction));
      case "reschedule" -> reschedule(instruction);
      case "call_soon", "call_soon_threadsafe", "call_later" -> schedule(instruction);
      case "cancel_handle" -> ScopeInstructions.bound(handles.get(name(instruction))).cancel();
      case "on_done" -> addCallback(instruction);
      case "ctx_set" -> setContextVar(instruction);
      case "ctx_reset" -> resetContextVar(instruction);
      default -> throw new AssertionError(instruction.op());
    }
  }

  private static String name(Instruction instruction) {
    return instruction.text("name");
  }

  private Condition condition(Instruction instruction) {
    return run.world().object(instruction, Condition.class);
  }

  private Future<@Nullable Object> target(Instruction instruction) {
    return run.named(instruction.text("target"));
  }

  private Task<@Nullable Object> task(Instruction instruction) {
    if (target(instruction) instanceof Task<@Nullable Object> task) {
      return task;
    }
    throw new Skip("not-a-task");
  }

  private static void release(Object object) {
    switch (object) {
      case Lock lock -> lock.release();
      case Condition condition -> condition.release();
      case Semaphore semaphore -> semaphore.release();
      default -> throw Skip.unbound();
    }
  }

  private long addToVariable(Instruction instruction) {
    String name = instruction.text("var");
    long sum = run.world().variable(name) + instruction.number("n");
    run.world().setVariable(name, sum);
    return sum;
  }

  private static Throwable error(Instruction instruction) {
    String kind = instruction.textOrNull("exc");
    return switch (kind == null ? "boom" : kind) {
      case "boom" -> new Boom(instruction.number("n", 0));
      case "cancelled" -> new CancelledError(instruction.textOrNull("msg"));
      case "timeout" -> new TimeoutException("the scenario's own");
      default -> throw new IllegalArgumentException("unknown exc '" + kind + "'");
    };
  }

  private Throwable lastCaught() {
    Throwable last = run.caught().peekLast();
    if (last == null) {
      throw new Skip("nothing-caught");
    }
    return last;
  }

  private void spawn(Instruction instruction) {
    String group = instruction.textOrNull("group");
    run.spawn(
        instruction.text("task"),
        group == null ? null : run.group(group),
        instruction.flag("eager"));
  }

  private @Nullable Object query(Instruction instruction) {
    Future<@Nullable Object> future = target(instruction);
    return switch (instruction.text("what")) {
      case "done" -> future.done();
      case "cancelled" -> future.cancelled();
      case "result" -> future.result();
      case "exception" -> future.exception();
      default -> throw new IllegalArgumentException("unknown query at " + instruction.path());
    };
  }

  private void reschedule(Instruction instruction) {
    Timeout timeout = run.timeout(instruction.text("timeout"));
    Duration delay = instruction.limit();
    timeout.reschedule(delay == null ? null : run.loop().time().plus(delay));
  }

  // ---- callbacks

  private void schedule(Instruction instruction) {
    String name = name(instruction);
    List<Instruction> code = instruction.block("do");
    Runnable callback = () -> run.runCallback(name, code, "ok");
    EventLoop loop = run.loop();
    handles.put(
        name,
        switch (instruction.op()) {
          case "call_soon" -> loop.callSoon(callback);
          case "call_soon_threadsafe" -> loop.callSoonThreadsafe(callback);
          default -> loop.callLater(Duration.ofMillis(instruction.number("ms")), callback);
        });
  }

  private void addCallback(Instruction instruction) {
    Future<@Nullable Object> future = target(instruction);
    String name = name(instruction);
    List<Instruction> code = instruction.block("do");
    Consumer<Future<@Nullable Object>> callback =
        done -> run.runCallback(name, code, Rendering.state(done));
    callbacks.put(name, callback);
    future.addDoneCallback(callback);
  }

  private int removeCallback(Instruction instruction) {
    Future<@Nullable Object> future = target(instruction);
    return future.removeDoneCallback(ScopeInstructions.bound(callbacks.get(name(instruction))));
  }

  // ---- context variables

  private void setContextVar(Instruction instruction) {
    ContextVar<Object> variable = run.world().contextVar(instruction);
    ContextVar.Token<Object> token = variable.set(instruction.number("value"));
    String name = instruction.textOrNull("token");
    if (name != null) {
      tokens.put(name, new SetVariable(variable, token));
    }
  }

  private void resetContextVar(Instruction instruction) {
    SetVariable set = ScopeInstructions.bound(tokens.get(instruction.text("token")));
    set.variable.reset(set.token);
  }
}
