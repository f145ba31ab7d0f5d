package dev.aioli.conformance;

import dev.aioli.Asyncio;
import dev.aioli.Future;
import dev.aioli.ReturnWhen;
import dev.aioli.Waiting;
import dev.aioli.sync.Barrier;
import dev.aioli.sync.Condition;
import dev.aioli.sync.Event;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Permit;
import dev.aioli.sync.Semaphore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Instructions that wait at most once. Each gives its value. */
final class BlockingInstructions {
  private final Interpreter run;

  BlockingInstructions(Interpreter run) {
    this.run = run;
  }

  @Nullable Object execute(Instruction instruction) {
    switch (instruction.op()) {
      case "sleep" -> Asyncio.sleep(Duration.ofMillis(instruction.number("ms")));
      case "yield" -> Asyncio.sleep(Duration.ZERO);
      case "barrier_abort" -> barrier(instruction).abort();
      case "barrier_reset" -> barrier(instruction).reset();
      case "put" -> run.world().queue(instruction).put(instruction.number("value"));
      case "join" -> run.world().queue(instruction).join();
      case "acquire" -> {
        acquire(run.world().object(instruction, Object.class));
        return true;
      }
      case "cond_wait" -> {
        run.world().object(instruction, Condition.class).await();
        return true;
      }
      case "cond_wait_for" -> {
        waitUntil(instruction);
        return true;
      }
      case "event_wait" -> {
        run.world().object(instruction, Event.class).await();
        return true;
      }
      case "barrier_wait" -> {
        return barrier(instruction).await();
      }
      case "get" -> {
        return run.world().queue(instruction).get();
      }
      case "await" -> {
        return run.evaluate(instruction.required("target")).await();
      }
      case "wait_for" -> {
        return waitFor(instruction);
      }
      case "wait" -> {
        return waitForSome(instruction);
      }
      default -> throw new AssertionError(instruction.op());
    }
    return null;
  }

  private Barrier barrier(Instruction instruction) {
    return run.world().object(instruction, Barrier.class);
  }

  /** Acquires a lock, the lock of a condition, or a semaphore. */
  static Permit acquire(Object object) {
    return switch (object) {
      case Lock lock -> lock.acquire();
      case Condition condition -> condition.acquire();
      case Semaphore semaphore -> semaphore.acquire();
      default -> throw Skip.unbound();
    };
  }

  private void waitUntil(Instruction instruction) {
    Condition condition = run.world().object(instruction, Condition.class);
    run.world().variable(instruction.text("var"));
    condition.awaitFor(() -> run.world().compare(instruction));
  }

  private @Nullable Object waitFor(Instruction instruction) {
    Duration limit = instruction.limit();
    if (instruction.has("target")) {
      return Asyncio.waitFor(run.evaluate(instruction.required("target")), limit);
    }
    List<Instruction> body = instruction.block("body");
    try {
      return Asyncio.<@Nullable Object>waitFor(() -> Return.valueOf(run.block(body)), limit);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw Interpreter.unchecked(e);
    }
  }

  /** The indices of the targets that are done. */
  private List<Object> waitForSome(Instruction instruction) {
    List<Future<@Nullable Object>> targets = run.evaluateAll(instruction.required("targets"));
    String when = instruction.textOrNull("when");
    Waiting<Future<@Nullable Object>> waiting =
        Asyncio.await(
            targets,
            instruction.limit(),
            when == null ? ReturnWhen.ALL_COMPLETED : ReturnWhen.valueOf(when));
    Set<Future<@Nullable Object>> done = new HashSet<>(waiting.done());
    List<Object> indices = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      if (done.contains(targets.get(i))) {
        indices.add(i);
      }
    }
    return indices;
  }
}
