package dev.aioli.conformance;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Task;
import dev.aioli.TaskGroup;
import dev.aioli.TaskOptions;
import dev.aioli.Timeout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Carries out the instructions of one run of a scenario: the names it has bound, its tasks and
 * callbacks. The instructions themselves are in {@link BlockingInstructions}, {@link
 * ScopeInstructions} and {@link ImmediateInstructions}.
 */
final class Interpreter {
  private final Scenario scenario;
  private final EventLoop loop;
  private final VirtualTime time;
  private final Trace trace;
  private final World world;
  private final BlockingInstructions blocking = new BlockingInstructions(this);
  private final ScopeInstructions scopes = new ScopeInstructions(this);
  private final ImmediateInstructions immediate = new ImmediateInstructions(this);

  private final Map<String, Future<@Nullable Object>> names;
  private final List<Task<@Nullable Object>> tasks = new ArrayList<>();
  private final Map<String, Integer> spawned = new HashMap<>();
  private final IdentityHashMap<Task<?>, Deque<Throwable>> caught = new IdentityHashMap<>();
  private @Nullable String callbackName;
  private long steps;

  Interpreter(Scenario scenario, EventLoop loop, VirtualTime time, Trace trace) {
    this.scenario = scenario;
    this.loop = loop;
    this.time = time;
    this.trace = trace;
    world = new World(loop, scenario.objects());
    names = world.futures();
  }

  EventLoop loop() {
    return loop;
  }

  VirtualTime time() {
    return time;
  }

  World world() {
    return world;
  }

  /** Every task instance, in order of creation. */
  List<Task<@Nullable Object>> tasks() {
    return tasks;
  }

  // ---- names

  void bind(String name, Future<@Nullable Object> future) {
    names.put(name, future);
  }

  Future<@Nullable Object> named(String name) {
    Future<@Nullable Object> future = name.equals("self") ? currentTask() : names.get(name);
    if (future == null) {
      throw Skip.unbound();
    }
    return future;
  }

  @SuppressWarnings("unchecked") // every task here is ours and gives any value
  private @Nullable Future<@Nullable Object> currentTask() {
    return (Future<@Nullable Object>) loop.currentTask();
  }

  /** An awaitable expression: a name, or a shield or gather made there and then. */
  Future<@Nullable Object> evaluate(JsonNode expression) {
    if (expression.isString()) {
      return named(expression.stringValue());
    }
    JsonNode shielded = expression.get("shield");
    if (shielded != null) {
      return Asyncio.shield(evaluate(shielded));
    }
    List<Future<@Nullable Object>> parts = evaluateAll(expression.required("gather"));
    boolean returnExceptions = expression.path("return_exceptions").booleanValue(false);
    return asObject(Asyncio.gatherFuture(parts, returnExceptions));
  }

  List<Future<@Nullable Object>> evaluateAll(JsonNode expressions) {
    List<Future<@Nullable Object>> futures = new ArrayList<>(expressions.size());
    expressions.forEach(expression -> futures.add(evaluate(expression)));
    return futures;
  }

  @SuppressWarnings("unchecked") // a list is an object; nobody sets its result from here
  private static Future<@Nullable Object> asObject(Future<? extends @Nullable Object> future) {
    return (Future<@Nullable Object>) future;
  }

  TaskGroup group(String name) {
    return scopes.group(name);
  }

  Timeout timeout(String name) {
    return scopes.timeout(name);
  }

  /** The exceptions that the running handlers of the current task caught, innermost last. */
  Deque<Throwable> caught() {
    Task<?> task = loop.currentTask();
    return task == null
        ? new ArrayDeque<>()
        : caught.computeIfAbsent(task, key -> new ArrayDeque<>());
  }

  // ---- execution

  /** Runs a block to its end, or to a {@code return} in it. */
  @Nullable Return block(List<Instruction> code) {
    for (Instruction instruction : code) {
      count();
      Return result = execute(instruction);
      if (result != null) {
        return result;
      }
    }
    return null;
  }

  private @Nullable Return execute(Instruction instruction) {
    return switch (instruction.sort()) {
      case IMMEDIATE -> single(instruction, () -> immediate.execute(instruction));
      case BLOCKING -> single(instruction, () -> blocking.execute(instruction));
      case SCOPE -> scopes.execute(instruction);
    };
  }

  private void count() {
    steps++;
    if (trace.isClosed()) {
      throw new Halt();
    }
    if (steps > scenario.maxSteps()) {
      trace.line("= STEP_LIMIT");
      trace.close();
      time.halt();
      throw new Halt();
    }
  }

  /** An instruction that gives one line when it ends. */
  private @Nullable Return single(Instruction instruction, Supplier<@Nullable Object> action) {
    Object value;
    try {
      value = action.get();
    } catch (Skip skip) {
      skipped(instruction, instruction.op(), skip);
      return null;
    } catch (Throwable error) {
      failed(instruction, instruction.op(), error, "");
      return null;
    }
    if (value instanceof Return result) {
      emit(instruction.path(), instruction.op(), Rendering.good(result.value()));
      return result;
    }
    emit(instruction.path(), instruction.op(), Rendering.good(value));
    return null;
  }

  void skipped(Instruction instruction, String op, Skip skip) {
    emit(instruction.path(), op, "skip:" + skip.reason());
  }

  /** Puts an error in the trace; throws it again unless the instruction is soft. */
  void failed(Instruction instruction, String op, Throwable error, String more) {
    checkOpen();
    emit(instruction.path(), op, "!" + Rendering.kind(error) + more);
    if (!instruction.soft() || error instanceof Error) {
      throw unchecked(error);
    }
  }

  /** Once the trace is closed nothing goes on: not a handler, not a finally. */
  void checkOpen() {
    if (trace.isClosed()) {
      throw new Halt();
    }
  }

  /** For use in a throw; the interpreter meets no checked exceptions. */
  static RuntimeException unchecked(Throwable error) {
    if (error instanceof Error e) {
      throw e;
    }
    return error instanceof RuntimeException e ? e : new IllegalStateException(error);
  }

  void emit(String path, String op, String outcome) {
    if (!trace.isClosed()) {
      trace.event(who(), path, op, outcome);
    }
  }

  private String who() {
    Task<?> task = loop.currentTask();
    return task == null ? "cb:" + callbackName : task.getName();
  }

  // ---- tasks and callbacks

  /** Starts an instance of a task, in a group if one is given. */
  Task<@Nullable Object> spawn(String definition, @Nullable TaskGroup group, boolean eager) {
    List<Instruction> body = scenario.tasks().get(definition);
    if (body == null) {
      throw Skip.unbound();
    }
    int number = spawned.getOrDefault(definition, 0) + 1;
    String name = number == 1 ? definition : definition + "#" + number;
    TaskOptions options = TaskOptions.DEFAULT.withName(name).withEagerStart(eager);
    Task<@Nullable Object> task =
        group == null
            ? loop.<@Nullable Object>createTask(() -> runTask(body), options)
            : group.<@Nullable Object>createTask(() -> runTask(body), options);
    spawned.put(definition, number);
    tasks.add(task);
    names.put(definition, task);
    return task;
  }

  private @Nullable Object runTask(List<Instruction> body) {
    checkOpen();
    emit("-", "start", "ok");
    Object value;
    try {
      value = Return.valueOf(block(body));
    } catch (Throwable error) {
      checkOpen();
      emit("-", "end", "!" + Rendering.kind(error));
      throw error;
    }
    emit("-", "end", Rendering.good(value));
    return value;
  }

  /** The body of a callback; what it throws goes to the loop's exception handler. */
  void runCallback(String name, List<Instruction> code, String outcome) {
    String previous = callbackName;
    callbackName = name;
    try {
      emit("-", "callback", outcome);
      for (Instruction instruction : code) {
        count();
        if (instruction.sort() != Ops.Sort.IMMEDIATE) {
          emit(instruction.path(), instruction.op(), "skip:async");
        } else if (execute(instruction) != null) {
          return;
        }
      }
    } catch (Halt halt) {
      // the trace is closed
    } finally {
      callbackName = previous;
    }
  }
}
