package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.runCoroutineThreadsafe;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.queue.Queue;
import dev.aioli.sync.Barrier;
import dev.aioli.sync.Condition;
import dev.aioli.sync.Event;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Semaphore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Use from the wrong place: the same mistake gives the same error everywhere. */
class LoopBoundaryTest {
  private final List<String> log = new ArrayList<>();

  /** An operation that has to wait. */
  interface Contended {
    void waitForIt();
  }

  /** Every primitive in a state in which the operation has to wait; made outside a loop. */
  static Stream<Named<Contended>> operations() {
    Semaphore semaphore = new Semaphore(0);
    Semaphore lockLike = new Semaphore(0);
    Queue<Integer> empty = new Queue<>(1);
    Queue<Integer> full = new Queue<>(1);
    full.putNowait(1);
    Queue<Integer> unfinished = new Queue<>(1);
    unfinished.putNowait(1);
    return Stream.of(
        Named.of("Event.await", new Event()::await),
        Named.of("Semaphore.acquire", semaphore::acquire),
        Named.of("Semaphore.acquire of another", lockLike::acquire),
        Named.of("Barrier.await", new Barrier(2)::await),
        Named.of("Queue.get", empty::get),
        Named.of("Queue.put", () -> full.put(2)),
        Named.of("Queue.join", unfinished::join));
  }

  /** Every operation that must be inside a running loop even if it need not wait. */
  static Stream<Named<Contended>> freeOperations() {
    Event set = new Event();
    set.set();
    Queue<Integer> queue = new Queue<>(0);
    Condition condition = new Condition();
    return Stream.of(
        Named.of("Event.await", set::await),
        Named.of("Lock.acquire", new Lock()::acquire),
        Named.of("Semaphore.acquire", new Semaphore(1)::acquire),
        Named.of("Condition.acquire", condition::acquire),
        Named.of("Condition.await", condition::await),
        Named.of("Queue.put", () -> queue.put(1)),
        Named.of("Queue.get", queue::get),
        Named.of("Queue.join", queue::join),
        Named.of("Barrier.await", new Barrier(1)::await),
        Named.of("Barrier.abort", new Barrier(1)::abort),
        Named.of("sleep", Steps::tick),
        Named.of("createTask", () -> createTask(() -> 1)),
        Named.of("gather", () -> Asyncio.gather()),
        Named.of("wait", () -> Asyncio.await(List.of())),
        Named.of("timeout", () -> Asyncio.timeout(null, () -> {})),
        Named.of("taskGroup", () -> Asyncio.taskGroup(group -> {})));
  }

  @ParameterizedTest // eclipse-vertx/vert.x#5494, #5495
  @MethodSource({"operations", "freeOperations"})
  void outsideALoopTheErrorSaysWhatToDo(Contended operation) {
    assertThatThrownBy(operation::waitForIt)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no running event loop")
        .hasMessageContaining("Asyncio.run");
  }

  @ParameterizedTest
  @MethodSource("operations")
  void inACallbackTheErrorSaysThatATaskIsNeeded(Contended operation) {
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop()
          .callSoon(() -> {
            try {
              operation.waitForIt();
            } catch (IllegalStateException e) {
              log.add(e.getMessage());
            }
          });
      tick();
    });
    assertThat(log).hasSize(1).first().asString().contains("a callback cannot wait");
  }

  @Test
  void sleepInACallbackSaysThatATaskIsNeeded() {
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop()
          .callSoon(() -> {
            assertThatThrownBy(Steps::tick)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a callback cannot sleep; create a task");
            log.add("checked");
          });
      tick();
    });
    assertThat(log).containsExactly("checked");
  }

  @Test
  void awaitOutsideATaskSaysWhatToDo() {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      Future<Integer> future = loop.createFuture();
      assertThatThrownBy(future::await)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("outside a task; use Asyncio.run, or runCoroutineThreadsafe");
    }
  }

  @ParameterizedTest // sanic-org/sanic#1388, bytedance/deer-flow#5062
  @MethodSource("operations")
  void secondLoopIsRefused(Contended operation) {
    VirtualTime.run(() -> {
      Task<?> first = createTask(operation::waitForIt);
      ticks(2);
      first.cancel();
    });
    assertThatThrownBy(() -> VirtualTime.run(operation::waitForIt))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("belongs to another event loop")
        .hasMessageContaining("give each loop objects of its own");
  }

  @Test // not only at the first contention
  void secondLoopIsRefusedOnFirstUseInDebugMode() {
    Lock lock = new Lock();
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop().setDebug(true);
      lock.acquire().close();
    });
    assertThatThrownBy(() ->
            VirtualTime.run(() -> {
              Asyncio.getRunningLoop().setDebug(true);
              lock.acquire();
            }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Lock[unlocked, waiters=0] belongs to another event loop");
  }

  @Test
  void foreignThreadIsRefused() {
    VirtualTime.run(() -> {
      Event event = new Event();
      Task<?> waiter = createTask(event::await);
      ticks(2);
      Throwable[] thrown = new Throwable[1];
      Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  event.set();
                } catch (IllegalStateException e) {
                  thrown[0] = e;
                }
              });
      thread.join();
      assertThat(thrown[0]).hasMessageContaining("use callSoonThreadsafe");
      assertThat(event.isSet()).isFalse();
      event.set();
      waiter.await();
    });
  }

  @Test // Kotlin/kotlinx.coroutines#860, eclipse-vertx/vert.x#1289, tokio-rs/tokio#7892
  void runInsideATaskIsRefused() {
    VirtualTime.run(() -> {
      assertThatThrownBy(() -> Asyncio.run(() -> 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("cannot run a loop inside EventLoop[")
          .hasMessageContaining("await, or create a task");
      try (EventLoop other = EventLoop.newEventLoop()) {
        assertThatThrownBy(other::runForever)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("runs in the same thread");
      }
      EventLoop running = Asyncio.getRunningLoop();
      assertThatThrownBy(() -> running.runUntilComplete(running.createFuture()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("runs already");
    });
  }

  @Test // future.get() inside a task of the same loop
  void blockingForATaskOfTheSameLoopIsRefused() {
    VirtualTime.run(() -> {
      SubmittedTask<Integer> submitted = runCoroutineThreadsafe(() -> 1, Asyncio.getRunningLoop());
      assertThatThrownBy(submitted::get)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("waiting here would block EventLoop[")
          .hasMessageContaining("create a task and await it instead");
      assertThatThrownBy(submitted::join).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> submitted.get(1, TimeUnit.HOURS))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> submitted.awaitTermination(1, TimeUnit.HOURS))
          .isInstanceOf(IllegalStateException.class);
      SubmittedTask<Integer> cancelled = runCoroutineThreadsafe(() -> 1, Asyncio.getRunningLoop());
      cancelled.cancel(true);
      assertThatThrownBy(() -> cancelled.awaitTermination(1, TimeUnit.HOURS))
          .as("its outcome is there, its end is not")
          .isInstanceOf(IllegalStateException.class);
      ticks(4);
      assertThat(submitted.get()).as("when it is done there is nothing to wait for").isEqualTo(1);
      assertThat(submitted.get(1, TimeUnit.HOURS)).isEqualTo(1);
      assertThat(submitted.join()).isEqualTo(1);
      assertThat(submitted.awaitTermination(1, TimeUnit.HOURS)).isTrue();
    });
  }

  @Test // vert-x3/issues#650
  void parkedTaskHoldsUpNobody() {
    VirtualTime.run(() -> {
      Task<?> parked = createTask(() -> new Event().await());
      for (int i = 0; i < 100; i++) {
        createTask(() -> log.add("ran")).await();
      }
      assertThat(log).hasSize(100);
      assertThat(parked.done()).isFalse();
    });
  }
}
