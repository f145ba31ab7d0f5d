package dev.aioli.conformance;

import dev.aioli.AsCompleted;
import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.ExceptionGroup;
import dev.aioli.Future;
import dev.aioli.TaskGroup;
import dev.aioli.Timeout;
import dev.aioli.TimeoutException;
import dev.aioli.sync.Barrier;
import dev.aioli.sync.Condition;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Permit;
import dev.aioli.sync.Semaphore;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Instructions with a body: the library's scopes around it, and control flow. */
final class ScopeInstructions {
  private final Interpreter run;
  private final Map<String, TaskGroup> groups = new HashMap<>();
  private final Map<String, Timeout> timeouts = new HashMap<>();

  ScopeInstructions(Interpreter run) {
    this.run = run;
  }

  TaskGroup group(String name) {
    return bound(groups.get(name));
  }

  Timeout timeout(String name) {
    return bound(timeouts.get(name));
  }

  static <T> T bound(@Nullable T named) {
    if (named == null) {
      throw Skip.unbound();
    }
    return named;
  }

  @Nullable Return execute(Instruction instruction) {
    return switch (instruction.op()) {
      case "with" -> with(instruction);
      case "timeout" -> timeout(instruction);
      case "group" -> group(instruction);
      case "as_completed" -> asCompleted(instruction);
      case "try" -> tryBlock(instruction);
      case "repeat" -> repeat(instruction);
      case "if" -> ifBlock(instruction);
      default -> throw new AssertionError(instruction.op());
    };
  }

  private void emit(Instruction instruction, String op, String outcome) {
    run.emit(instruction.path(), op, outcome);
  }

  // ---- with

  private @Nullable Return with(Instruction instruction) {
    Object object;
    try {
      object = run.world().object(instruction, Object.class);
      if (!isScope(object)) {
        throw Skip.unbound();
      }
    } catch (Skip skip) {
      run.skipped(instruction, "with.enter", skip);
      return run.block(instruction.block("body"));
    }
    boolean entered = false;
    Return result;
    try {
      Permit permit = () -> {};
      Object value = null;
      if (object instanceof Barrier barrier) {
        value = barrier.await();
      } else {
        permit = BlockingInstructions.acquire(object);
      }
      entered = true;
      emit(instruction, "with.enter", Rendering.good(value));
      try {
        result = run.block(instruction.block("body"));
      } finally {
        permit.close(); // not a resource: as in Python its error replaces the body's
      }
    } catch (Throwable error) {
      run.failed(instruction, entered ? "with.exit" : "with.enter", error, "");
      return null;
    }
    emit(instruction, "with.exit", "ok");
    return result;
  }

  private static boolean isScope(Object object) {
    return object instanceof Lock
        || object instanceof Condition
        || object instanceof Semaphore
        || object instanceof Barrier;
  }

  // ---- timeout and group

  private @Nullable Return timeout(Instruction instruction) {
    @Nullable Timeout[] entered = new Timeout[1];
    Return result;
    try {
      result =
          Asyncio.<@Nullable Return, RuntimeException>timeout(
              instruction.limit(),
              (Timeout timeout) -> {
                entered[0] = timeout;
                String name = instruction.textOrNull("name");
                if (name != null) {
                  timeouts.put(name, timeout);
                }
                emit(instruction, "timeout.enter", "ok");
                return run.block(instruction.block("body"));
              });
    } catch (Throwable error) {
      run.failed(instruction, "timeout.exit", error, expired(entered[0]));
      return null;
    }
    emit(instruction, "timeout.exit", "ok" + expired(entered[0]));
    return result;
  }

  private static String expired(@Nullable Timeout timeout) {
    return " expired=" + (timeout != null && timeout.expired());
  }

  private @Nullable Return group(Instruction instruction) {
    Return result;
    try {
      result =
          Asyncio.<@Nullable Return, RuntimeException>taskGroup((TaskGroup group) -> {
            String name = instruction.textOrNull("name");
            if (name != null) {
              groups.put(name, group);
            }
            emit(instruction, "group.enter", "ok");
            return run.block(instruction.block("body"));
          });
    } catch (Throwable error) {
      run.failed(instruction, "group.exit", error, "");
      return null;
    }
    emit(instruction, "group.exit", "ok");
    return result;
  }

  // ---- as_completed

  private @Nullable Return asCompleted(Instruction instruction) {
    List<Future<@Nullable Object>> targets;
    try {
      targets = run.evaluateAll(instruction.required("targets"));
    } catch (Skip skip) {
      run.skipped(instruction, "as_completed", skip);
      return null;
    }
    Return result;
    try {
      AsCompleted<@Nullable Object> completions = Asyncio.asCompleted(targets, instruction.limit());
      result =
          "plain".equals(instruction.textOrNull("mode"))
              ? forEachResult(instruction, completions)
              : forEachFuture(instruction, completions, targets);
    } catch (Throwable error) {
      run.failed(instruction, "as_completed", error, "");
      return null;
    }
    emit(instruction, "as_completed", "ok");
    return result;
  }

  private @Nullable Return forEachFuture(
      Instruction instruction,
      AsCompleted<@Nullable Object> completions,
      List<Future<@Nullable Object>> targets) {
    for (Future<@Nullable Object> future : completions) {
      emit(instruction, "as_completed.item", "ok:" + targets.indexOf(future));
      Return result = run.block(instruction.block("body"));
      if (result != null) {
        return result;
      }
    }
    return null;
  }

  private @Nullable Return forEachResult(
      Instruction instruction, AsCompleted<@Nullable Object> completions) {
    for (Iterator<@Nullable Object> it = completions.results().iterator(); it.hasNext(); ) {
      try {
        Object value = it.next();
        emit(instruction, "as_completed.item", Rendering.good(value));
      } catch (Throwable error) {
        run.failed(instruction, "as_completed.item", error, "");
      }
      Return result = run.block(instruction.block("body"));
      if (result != null) {
        return result;
      }
    }
    return null;
  }

  // ---- control flow

  private @Nullable Return tryBlock(Instruction instruction) {
    Return result;
    try {
      result = tryAndCatch(instruction);
    } catch (Throwable error) {
      finallyBlock(instruction);
      throw error;
    }
    finallyBlock(instruction);
    return result;
  }

  /** A return in there ends only that block. */
  private void finallyBlock(Instruction instruction) {
    run.checkOpen();
    if (instruction.has("finally")) {
      emit(instruction, "finally", "ok");
      run.block(instruction.block("finally"));
    }
  }

  private @Nullable Return tryAndCatch(Instruction instruction) {
    try {
      return run.block(instruction.block("body"));
    } catch (Throwable error) {
      run.checkOpen();
      String what = instruction.textOrNull("catch");
      if (what == null || !catches(what, error)) {
        throw error;
      }
      emit(instruction, "catch", Rendering.kind(error));
      Deque<Throwable> caught = run.caught();
      caught.addLast(error);
      try {
        return run.block(instruction.block("handler"));
      } finally {
        caught.removeLast();
      }
    }
  }

  private static boolean catches(String what, Throwable error) {
    return switch (what) {
      case "all" -> true;
      case "cancelled" -> error instanceof CancelledError;
      case "error" -> error instanceof Exception;
      case "timeout" -> error instanceof TimeoutException;
      case "group" -> error instanceof ExceptionGroup;
      case "boom" -> error instanceof Boom;
      default -> throw new IllegalArgumentException("unknown catch '" + what + "'");
    };
  }

  private @Nullable Return repeat(Instruction instruction) {
    for (long count = instruction.number("count"); count > 0; count--) {
      Return result = run.block(instruction.block("body"));
      if (result != null) {
        return result;
      }
    }
    return null;
  }

  private @Nullable Return ifBlock(Instruction instruction) {
    boolean holds;
    try {
      holds = run.world().compare(instruction);
    } catch (Skip skip) {
      run.skipped(instruction, "if", skip);
      return null;
    }
    emit(instruction, "if", Rendering.good(holds));
    return run.block(instruction.block(holds ? "then" : "else"));
  }
}
