package dev.aioli.conformance;

import dev.aioli.ContextVar;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.conformance.Scenario.ObjectSpec;
import dev.aioli.queue.LifoQueue;
import dev.aioli.queue.PriorityQueue;
import dev.aioli.queue.Queue;
import dev.aioli.sync.Barrier;
import dev.aioli.sync.BoundedSemaphore;
import dev.aioli.sync.Condition;
import dev.aioli.sync.Event;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Semaphore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The objects of a scenario by name: what it synchronises with, and its shared integers. */
final class World {
  private final List<ObjectSpec> specs;
  private final Map<String, Object> objects = new HashMap<>();
  private final Map<String, Long> variables = new HashMap<>();

  World(EventLoop loop, List<ObjectSpec> specs) {
    this.specs = specs;
    for (ObjectSpec spec : specs) {
      if (spec.kind().equals("var")) {
        variables.put(spec.name(), (long) spec.number("value", 0));
      } else {
        objects.put(spec.name(), make(loop, spec));
      }
    }
  }

  private Object make(EventLoop loop, ObjectSpec spec) {
    return switch (spec.kind()) {
      case "lock" -> new Lock();
      case "event" -> new Event();
      case "condition" ->
          objects.get(spec.text("lock", "")) instanceof Lock lock
              ? new Condition(lock)
              : new Condition();
      case "semaphore" -> new Semaphore(spec.number("value", 1));
      case "bounded_semaphore" -> new BoundedSemaphore(spec.number("value", 1));
      case "barrier" -> new Barrier(spec.number("parties", 0));
      case "queue" -> makeQueue(spec.text("type", "fifo"), spec.number("maxsize", 0));
      case "future" -> loop.createFuture();
      case "ctxvar" -> makeContextVar(spec);
      default -> throw new IllegalArgumentException("unknown kind '" + spec.kind() + "'");
    };
  }

  private static Queue<Long> makeQueue(String type, int maxsize) {
    return switch (type) {
      case "fifo" -> new Queue<>(maxsize);
      case "lifo" -> new LifoQueue<>(maxsize);
      case "priority" -> PriorityQueue.natural(maxsize);
      default -> throw new IllegalArgumentException("unknown queue type '" + type + "'");
    };
  }

  private static ContextVar<Object> makeContextVar(ObjectSpec spec) {
    Object byDefault = Json.plain(spec.fields().get("value"));
    return byDefault == null
        ? new ContextVar<>(spec.name())
        : new ContextVar<>(spec.name(), byDefault);
  }

  /** The object that an instruction names, if it is of that type. */
  <T> T object(Instruction instruction, Class<T> type) {
    Object object = objects.get(instruction.text("obj"));
    if (!type.isInstance(object)) {
      throw Skip.unbound();
    }
    return type.cast(object);
  }

  @SuppressWarnings("unchecked") // the futures of a scenario take any value
  Future<@Nullable Object> future(Instruction instruction) {
    return object(instruction, Future.class);
  }

  @SuppressWarnings("unchecked") // the queues of a scenario hold integers
  Queue<Long> queue(Instruction instruction) {
    return object(instruction, Queue.class);
  }

  @SuppressWarnings("unchecked") // the context variables of a scenario hold any value
  ContextVar<Object> contextVar(Instruction instruction) {
    return object(instruction, ContextVar.class);
  }

  long variable(String name) {
    Long value = variables.get(name);
    if (value == null) {
      throw Skip.unbound();
    }
    return value;
  }

  void setVariable(String name, long value) {
    variable(name);
    variables.put(name, value);
  }

  /** The comparison of a variable that an instruction describes. */
  boolean compare(Instruction instruction) {
    long a = variable(instruction.text("var"));
    long b = instruction.number("value");
    return switch (instruction.text("cmp")) {
      case ">=" -> a >= b;
      case "<=" -> a <= b;
      case "==" -> a == b;
      case "!=" -> a != b;
      case ">" -> a > b;
      case "<" -> a < b;
      default -> throw new IllegalArgumentException("unknown cmp at " + instruction.path());
    };
  }

  /** The futures among the objects, by name: they are awaitable from the start. */
  Map<String, Future<@Nullable Object>> futures() {
    Map<String, Future<@Nullable Object>> futures = new HashMap<>();
    objects.forEach((name, object) -> {
      if (object instanceof Future<?> future) {
        futures.put(name, unchecked(future));
      }
    });
    return futures;
  }

  @SuppressWarnings("unchecked")
  private static Future<@Nullable Object> unchecked(Future<?> future) {
    return (Future<@Nullable Object>) future;
  }

  /** The lines of the state section about the objects, in order of declaration. */
  List<String> describe() {
    List<String> lines = new ArrayList<>();
    for (ObjectSpec spec : specs) {
      String name = spec.name();
      if (spec.kind().equals("var")) {
        lines.add("var " + name + " " + variables.get(name));
      } else if (!spec.kind().equals("ctxvar")) {
        lines.add("obj " + name + " " + spec.kind() + " " + state(name));
      }
    }
    return lines;
  }

  /** The state text of an object. */
  String state(String name) {
    return switch (objects.get(name)) {
      case Lock lock -> (lock.locked() ? "locked" : "unlocked") + waiters(lock.waiters());
      case Event event -> (event.isSet() ? "set" : "unset") + waiters(event.waiters());
      case Condition condition ->
          (condition.locked() ? "locked" : "unlocked") + waiters(condition.waiters());
      case Semaphore semaphore ->
          "value="
              + semaphore.availablePermits()
              + " locked="
              + semaphore.locked()
              + waiters(semaphore.waiters());
      case Barrier barrier -> barrier.state() + " n_waiting=" + barrier.waiting();
      case Queue<?> queue -> state(queue);
      case Future<?> future -> Rendering.state(future);
      case null, default -> throw Skip.unbound();
    };
  }

  private static String waiters(int count) {
    return " waiters=" + count;
  }

  private static String state(Queue<?> queue) {
    List<?> items = queue instanceof LifoQueue<?> ? queue.items().reversed() : queue.items();
    return "items="
        + Rendering.value(items)
        + " getters="
        + queue.getters()
        + " putters="
        + queue.putters()
        + " unfinished="
        + queue.unfinishedTasks()
        + (queue.isShutDown() ? " shutdown" : "");
  }
}
