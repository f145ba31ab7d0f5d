package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.queue.LifoQueue;
import dev.aioli.queue.PriorityQueue;
import dev.aioli.queue.Queue;
import dev.aioli.sync.Barrier;
import dev.aioli.sync.BoundedSemaphore;
import dev.aioli.sync.Condition;
import dev.aioli.sync.Event;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Semaphore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** In debug mode every method of what belongs to a loop refuses threads that have no turn. */
class ForeignThreadTest {
  /** What any thread may call, by "Class.method", and why. */
  private static final Map<String, String> ANY_THREAD =
      Map.ofEntries(
          Map.entry("Future.getLoop", "fixed"),
          Map.entry("Future.done", "documented: a look that orders nothing, as asyncio's"),
          Map.entry("Future.cancelled", "documented: a look that orders nothing, as asyncio's"),
          Map.entry("Task.getName", "for logs and dumps"),
          Map.entry("Task.setName", "for logs and dumps"),
          Map.entry("Task.getContext", "fixed"),
          Map.entry("Task.getStack", "documented: from any thread"),
          Map.entry("Task.setResult", "always refused"),
          Map.entry("Task.setException", "always refused"),
          Map.entry("TaskGroup.results", "makes an empty list"),
          Map.entry("Lock.holders", "for reports of a blocked loop, from any thread"),
          Map.entry("Lock.knowsHolders", "for reports of a blocked loop, from any thread"),
          Map.entry("Semaphore.holders", "for reports of a blocked loop, from any thread"),
          Map.entry("Semaphore.knowsHolders", "for reports of a blocked loop, from any thread"),
          Map.entry("Barrier.parties", "fixed"),
          Map.entry("Queue.maxsize", "fixed"),
          Map.entry("Queue.iterator", "touches nothing before hasNext, which is a get"));

  /** Of every class whose objects belong to a loop: one that is in no loop yet. */
  static final List<Supplier<Object>> unboundObjects =
      List.of(
          Lock::new,
          Event::new,
          Condition::new,
          () -> new Semaphore(1),
          () -> new BoundedSemaphore(1),
          () -> new Barrier(2),
          () -> new Queue<Object>(1),
          () -> new LifoQueue<Object>(1),
          () -> PriorityQueue.<Integer>natural(1));

  /** Runs code in a thread of its own and gives what it threw, or null. */
  private static Throwable thrownElsewhere(Callable<?> code) throws Exception {
    FutureTask<Throwable> task =
        new FutureTask<>(() -> {
          try {
            code.call();
            return null;
          } catch (InvocationTargetException e) {
            return e.getCause();
          } catch (Throwable e) {
            return e;
          }
        });
    Thread thread = Thread.ofPlatform().name("stranger").start(task);
    thread.join();
    return task.get();
  }

  private static Stream<Method> methodsOf(Object object) {
    return Arrays.stream(object.getClass().getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> !method.isBridge())
        .filter(method -> method.getDeclaringClass().getName().startsWith("dev.aioli"))
        .filter(method -> !method.getName().equals("toString"));
  }

  private static String nameOf(Method method) {
    return method.getDeclaringClass().getSimpleName() + "." + method.getName();
  }

  private static Object argumentFor(Class<?> type) {
    if (type == int.class) {
      return 1;
    }
    if (type == boolean.class) {
      return false;
    }
    if (type == Callable.class) {
      return (Callable<Object>) () -> null;
    }
    if (type == ThrowingRunnable.class) {
      return (ThrowingRunnable) () -> {};
    }
    if (type == Consumer.class) {
      return (Consumer<Object>) _ -> {};
    }
    if (type == BooleanSupplier.class) {
      return (BooleanSupplier) () -> false;
    }
    if (type == TaskOptions.class) {
      return TaskOptions.DEFAULT;
    }
    if (type == Context.class) {
      return Context.copyContext();
    }
    if (type == Class.class) {
      return Exception.class;
    }
    if (type == Throwable.class) {
      return new IllegalStateException("of the test");
    }
    if (type == String.class) {
      return "text";
    }
    if (type == Duration.class) {
      return Duration.ZERO;
    }
    return 1; // an item of a queue, a result of a future
  }

  /** The methods that another thread can call, though it must not. */
  private static Collection<String> acceptedElsewhere(Object object) throws Exception {
    Set<String> accepted = new TreeSet<>();
    for (Method method : methodsOf(object).toList()) {
      Object[] arguments =
          Arrays.stream(method.getParameterTypes()).map(ForeignThreadTest::argumentFor).toArray();
      Throwable thrown = thrownElsewhere(() -> method.invoke(object, arguments));
      boolean refused =
          thrown instanceof IllegalStateException
              && thrown.getMessage().contains("stranger")
              && thrown.getMessage().contains("callSoonThreadsafe");
      if (!refused && !ANY_THREAD.containsKey(nameOf(method))) {
        accepted.add(nameOf(method) + ": " + thrown);
      }
    }
    return accepted;
  }

  private static void inDebugMode(ThrowingRunnable body) {
    Asyncio.run(() -> {
      Asyncio.getRunningLoop().setDebug(true);
      body.run();
    });
  }

  @ParameterizedTest
  @FieldSource("unboundObjects")
  void whatWasMadeBeforeTheLoopRanIsRefused(Supplier<Object> maker) {
    Object object = maker.get();
    inDebugMode(() -> assertThat(acceptedElsewhere(object)).isEmpty());
  }

  @ParameterizedTest
  @FieldSource("unboundObjects")
  void whatWasMadeInTheLoopIsRefused(Supplier<Object> maker) {
    inDebugMode(() -> assertThat(acceptedElsewhere(maker.get())).isEmpty());
  }

  @Test
  void futuresTasksAndScopesAreRefused() {
    inDebugMode(() -> {
      EventLoop loop = Asyncio.getRunningLoop();
      Future<Object> answered = loop.createFuture();
      answered.setResult(1);
      Task<?> ended = Asyncio.createTask(() -> 1);
      ended.await();
      Task<?> pending = Asyncio.createTask(() -> Asyncio.sleep(Duration.ofHours(1)));
      Steps.tick();
      List<Object> objects =
          new ArrayList<>(List.of(loop.createFuture(), answered, ended, pending));
      objects.add(Asyncio.gatherFuture(List.of(loop.<Object>createFuture())));
      Asyncio.timeout(
          Duration.ofHours(1),
          (Timeout timeout) -> {
            objects.add(timeout);
            return null;
          });
      Asyncio.taskGroup(group -> {
        objects.add(group);
        TaskGroup.Results<Integer> results = group.results();
        results.createTask(() -> 1);
        objects.add(results);
        Steps.tick();
        for (Object object : objects) {
          assertThat(acceptedElsewhere(object)).as(object.toString()).isEmpty();
        }
      });
    });
  }

  @Test // a reason for what is no method any more hides the next one of that name
  void everyExceptionFromTheRuleIsAMethod() {
    Set<String> methods = new TreeSet<>();
    for (Supplier<Object> maker : unboundObjects) {
      methodsOf(maker.get()).map(ForeignThreadTest::nameOf).forEach(methods::add);
    }
    for (Class<?> type : List.of(Future.class, Task.class, TaskGroup.class, Timeout.class)) {
      Arrays.stream(type.getMethods()).map(ForeignThreadTest::nameOf).forEach(methods::add);
    }
    assertThat(methods).containsAll(ANY_THREAD.keySet());
  }

  @Test
  void errorNamesObjectThreadAndWayOut() {
    Event event = new Event();
    inDebugMode(() ->
        assertThat(
                thrownElsewhere(() -> {
                  event.set();
                  return null;
                }))
            .hasMessageStartingWith("Event[unset, waiters=0]: expected the turn of EventLoop[")
            .hasMessageContaining("was called from Thread[")
            .hasMessageContaining("stranger")
            .hasMessageContaining("use callSoonThreadsafe"));
  }

  @Test // it may be for a loop that this thread is going to run
  void whatAnotherThreadMadeForItselfIsItsOwn() {
    inDebugMode(() ->
        assertThat(
                thrownElsewhere(() -> {
                  Queue<Integer> queue = new Queue<>(2);
                  queue.putNowait(1);
                  return queue.qsize();
                }))
            .isNull());
  }

  @Test
  void whileNoLoopRunsAnyThreadMayLook() throws Exception {
    Queue<Integer> queue = new Queue<>(2);
    assertThat(thrownElsewhere(() -> queue.qsize())).isNull();
    inDebugMode(() -> queue.put(1));
    assertThat(thrownElsewhere(() -> queue.qsize())).isNull();
    assertThat(queue.getNowait()).isEqualTo(1);
  }

  @Test
  void withoutDebugModeALookIsFree() throws Exception {
    Queue<Integer> queue = new Queue<>(2);
    Asyncio.run(() -> {
      queue.put(1);
      assertThat(thrownElsewhere(() -> queue.qsize())).isNull();
      assertThat(thrownElsewhere(() -> queue.empty())).isNull();
    });
  }

  @Test
  void loopThatHasEndedKeepsItsObjectsFromTheNextOne() {
    Event event = new Event();
    Queue<Integer> queue = new Queue<>(1);
    inDebugMode(() -> {
      queue.put(1);
      event.set();
      event.await();
    });
    inDebugMode(() -> {
      for (Callable<?> use :
          List.<Callable<?>>of(
              queue::getNowait,
              queue::items,
              event::isSet,
              () -> {
                event.clear();
                return null;
              })) {
        assertThatThrownBy(use::call)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("belongs to another event loop")
            .hasMessageContaining("give each loop objects of its own");
      }
    });
    assertThatCode(() -> event.clear()).doesNotThrowAnyException();
  }
}
