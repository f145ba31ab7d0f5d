package dev.aioli;

import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Steps.tick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.lowlevel.Clock;
import dev.aioli.sync.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What is different where tasks share the loop's thread. */
@EnabledIfSystemProperty(
    named = "dev.aioli.engine",
    matches = "bare",
    disabledReason = "about that engine only, which needs a JVM option")
class BareEngineTest {
  private static final ScopedValue<String> SCOPED = ScopedValue.newInstance();
  private static final ThreadLocal<String> LOCAL = new ThreadLocal<>();

  private final List<String> events = new ArrayList<>();

  private void note(String event) {
    events.add(event);
  }

  // ---- the thread

  @Test
  void taskRunsOnTheThreadOfTheLoop() {
    run(() -> {
      Thread task = Thread.currentThread();
      Future<Thread> callback = EventLoop.getRunningLoop().createFuture();
      EventLoop.getRunningLoop().callSoon(() -> callback.setResult(Thread.currentThread()));
      assertThat(callback.await()).isSameAs(task);
      assertThat(task.isVirtual()).isFalse();
    });
  }

  @Test
  void loopOfAVirtualThreadRunsOnAPlatformThread() throws Exception {
    Thread.ofVirtual()
        .start(() -> run(() -> note("virtual: " + Thread.currentThread().isVirtual())))
        .join();
    assertThat(events).containsExactly("virtual: false");
  }

  @Test
  void tasksShareThreadLocals() {
    run(() -> {
      createTask(() -> LOCAL.set("another's")).await();
      note(LOCAL.get());
    });
    LOCAL.remove();
    assertThat(events).containsExactly("another's");
  }

  @Test
  void eachTaskHasItsOwnScopedValues() {
    ScopedValue.where(SCOPED, "caller")
        .run(() ->
            run(() -> {
              note("task sees " + SCOPED.orElse("none"));
              Task<?> first = createTask(() -> ScopedValue.where(SCOPED, "a").run(this::noteTwice));
              Task<?> second =
                  createTask(() -> ScopedValue.where(SCOPED, "b").run(this::noteTwice));
              EventLoop loop = EventLoop.getRunningLoop();
              loop.callSoon(() -> note("callback sees " + SCOPED.orElse("none")));
              gather(List.of(first, second));
              note("task sees " + SCOPED.orElse("none"));
            }));
    assertThat(events)
        .containsExactly(
            "task sees none", "a", "b", "callback sees caller", "a", "b", "task sees none");
  }

  private void noteTwice() {
    note(SCOPED.get());
    tick();
    note(SCOPED.get());
  }

  // ---- locks of the JVM

  private String waitInSynchronizedMethod() {
    synchronized (this) {
      try {
        tick();
        return "went on";
      } catch (IllegalStateException e) {
        return String.valueOf(e.getMessage());
      }
    }
  }

  private static EventLoop debugging() {
    return EventLoop.builder().debug(true).build();
  }

  @Test
  void suspensionInsideSynchronizedIsAnErrorInDebugMode() {
    try (EventLoop loop = debugging()) {
      loop.runUntilComplete(() -> {
        note(waitInSynchronizedMethod());
        tick(); // neither the loop nor the task is any worse for it
        note("went on");
      });
    }
    assertThat(events.getFirst())
        .contains("cannot wait here: it is in a synchronized block or method")
        .contains("BareEngineTest.waitInSynchronizedMethod")
        .contains("dev.aioli.sync.Lock");
    assertThat(events.getLast()).isEqualTo("went on");
  }

  @Test
  void suspensionInsideSynchronizedIsTakenBackSoThatNothingWakesTheTaskLater() {
    try (EventLoop loop = debugging()) {
      loop.runUntilComplete(() -> {
        Future<String> future = loop.createFuture();
        assertThatThrownBy(() -> awaitInSynchronized(future))
            .isInstanceOf(IllegalStateException.class);
        Event event = new Event();
        loop.callSoon(() -> future.setResult("too late"));
        loop.callLater(Steps.ms(1), event::set);
        event.await();
        note("event: " + event.isSet());
      });
    }
    assertThat(events).containsExactly("event: true");
  }

  private synchronized void awaitInSynchronized(Future<String> future) {
    future.await();
  }

  @Test
  void synchronizedWithoutASuspensionIsFineInDebugMode() {
    try (EventLoop loop = debugging()) {
      loop.runUntilComplete(() -> {
        synchronized (this) {
          note("inside");
        }
        tick();
        note("outside");
      });
    }
    assertThat(events).containsExactly("inside", "outside");
  }

  @Test
  void monitorHeldByTheCallerOfTheLoopIsNoMatterOfItsTasks() {
    synchronized (this) {
      try (EventLoop loop = debugging()) {
        loop.runUntilComplete(() -> {
          tick();
          note("went on");
        });
      }
    }
    assertThat(events).containsExactly("went on");
  }

  /** The twin of debug mode: what it guards against. */
  @Test
  void withoutDebugModeAMonitorThatThreadsCompetedForLetsAnotherTaskIn() throws Exception {
    Object monitor = new Object();
    compete(monitor);
    try (EventLoop loop = EventLoop.builder().debug(false).build()) {
      loop.runUntilComplete(() -> {
        Task<?> first = createTask(() -> enterAndWait(monitor, "first"));
        Task<?> second = createTask(() -> enterAndWait(monitor, "second"));
        gather(List.of(first, second));
      });
    }
    assertThat(events).containsExactly("first in", "second in", "first out", "second out");
  }

  /** Has the JVM make a heavy monitor of it. */
  private static void compete(Object monitor) throws InterruptedException {
    Thread other;
    synchronized (monitor) {
      other = Thread.ofPlatform().start(() -> enter(monitor));
      while (other.getState() != Thread.State.BLOCKED) {
        Thread.onSpinWait();
      }
    }
    other.join();
  }

  private static void enter(Object monitor) {
    synchronized (monitor) {
      assertThat(monitor).isNotNull();
    }
  }

  private void enterAndWait(Object monitor, String name) {
    synchronized (monitor) {
      note(name + " in");
      tick();
      note(name + " out");
    }
  }

  @Test
  void lockOfJavaUtilConcurrentIsReentrantForAllTasks() {
    ReentrantLock lock = new ReentrantLock();
    run(() -> {
      Task<?> first = createTask(() -> lockAndWait(lock, "first"));
      Task<?> second = createTask(() -> lockAndWait(lock, "second"));
      gather(List.of(first, second));
    });
    assertThat(events).containsExactly("first in", "second in", "first out", "second out");
    assertThat(lock.isLocked()).isFalse();
  }

  private void lockAndWait(ReentrantLock lock, String name) {
    lock.lock();
    try {
      note(name + " in");
      tick();
      note(name + " out");
    } finally {
      lock.unlock();
    }
  }

  // ---- blocking

  @Test
  void blockingCodeHasAThreadOfItsOwnWithTheScopedValuesOfTheTask() {
    run(() ->
        ScopedValue.where(SCOPED, "task's")
            .call(() -> {
              Thread ours = Thread.currentThread();
              LOCAL.set("the loop's");
              blocking(() -> {
                assertThat(Thread.currentThread()).isNotSameAs(ours);
                assertThat(Thread.currentThread().isVirtual()).isTrue();
                assertThat(EventLoop.currentOrNull()).isNull();
                note(SCOPED.get() + ", " + LOCAL.get());
              });
              LOCAL.remove();
              note(SCOPED.get());
              return null;
            }));
    assertThat(events).containsExactly("task's, null", "task's");
  }

  @Test
  void carriedThreadLocalsGoIntoBlockingCodeAndComeBack() {
    ThreadLocalBridge<String> bridge =
        new ThreadLocalBridge<>() {
          @Override
          public String capture() {
            String value = LOCAL.get();
            return value == null ? "none" : value;
          }

          @Override
          public void restore(String value) {
            LOCAL.set(value);
          }
        };
    try (Context.Registration registered = Context.carry(bridge)) {
      assertThat(registered).isNotNull();
      run(() -> {
        LOCAL.set("task's");
        Task<?> other = createTask(() -> LOCAL.set("another's"));
        blocking(() -> {
          note(LOCAL.get());
          LOCAL.set("changed");
        });
        other.await();
        note(LOCAL.get());
      });
    } finally {
      LOCAL.remove();
    }
    assertThat(events).containsExactly("task's", "changed");
  }

  @Test
  void cancelledBlockingLeavesAnInterruptOfTheLoopWhereItIs() {
    EventLoop loop = EventLoop.newEventLoop();
    loop.runUntilComplete(() -> {
      CountDownLatch running = new CountDownLatch(1);
      Task<?> task =
          createTask(() ->
              blocking(() -> {
                running.countDown();
                try {
                  new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                  note("interrupted");
                  throw e;
                }
              }));
      tick();
      blocking(() -> running.await());
      Thread.currentThread().interrupt();
      task.cancel();
      Steps.assertCancelled(task);
    });
    loop.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(events).containsExactly("interrupted");
  }

  /** Calls blocking() below the native frame of its class initialiser. */
  private static final class BlocksWhileInitialised {
    static final String OUTCOME = outcome();

    private static String outcome() {
      try {
        return blocking(() -> "ran");
      } catch (IllegalStateException e) {
        return String.valueOf(e.getMessage());
      }
    }
  }

  @Test
  void blockingInAClassInitialiserIsAnErrorAndDoesNotRunTheCode() {
    run(() -> {
      note(BlocksWhileInitialised.OUTCOME);
      note(blocking(() -> "and then it works"));
    });
    assertThat(events.getFirst()).contains("cannot wait here").contains("class initialiser");
    assertThat(events.getLast()).isEqualTo("and then it works");
  }

  // ---- stacks

  private static List<String> methods(Task<?> task) {
    return List.of(task.getStack()).stream().map(StackTraceElement::getMethodName).toList();
  }

  private void waitFor(Event event) {
    event.await();
  }

  private void blockUntil(CountDownLatch latch) throws InterruptedException {
    blocking(() -> latchAwait(latch));
  }

  private static void latchAwait(CountDownLatch latch) throws InterruptedException {
    latch.await();
  }

  @Test
  void stackOfATaskIsItsOwnFramesWhereverItIs() throws Exception {
    List<String> foreign = new ArrayList<>();
    run(() -> {
      Event event = new Event();
      CountDownLatch latch = new CountDownLatch(1);
      Task<?> suspended = createTask(() -> waitFor(event));
      Task<?> inBlocking = createTask(() -> blockUntil(latch));
      Task<List<String>> running = createTask(() -> methods(Steps.current()));

      assertThat(running.await()).contains("getStack", "methods").doesNotContain("runOnce");
      assertThat(methods(suspended)).contains("waitFor").doesNotContain("runOnce");
      while (!methods(inBlocking).contains("latchAwait")) {
        Thread.onSpinWait(); // its thread is on the way
      }
      assertThat(methods(inBlocking)).containsSubsequence("latchAwait", "blockUntil");
      Thread other = Thread.ofPlatform().start(() -> foreign.addAll(methods(suspended)));
      blocking(() -> other.join());
      event.set();
      latch.countDown();
      Steps.settle(suspended, inBlocking);
      assertThat(suspended.getStack()).isEmpty();
    });
    assertThat(foreign).isEmpty();
  }

  private static int deep(int depth, Event event) {
    if (depth == 0) {
      event.await();
      return 0;
    }
    return 1 + deep(depth - 1, event);
  }

  private static int endless(int depth) {
    return 1 + endless(depth + 1);
  }

  @Test
  void deepStacksAreKeptAndAnOverflowIsTheTasksOwn() {
    run(() -> {
      Event event = new Event();
      Task<Integer> deep = createTask(() -> deep(2_000, event));
      Task<Integer> endless = createTask(() -> endless(0));
      Steps.settle(endless);
      assertThat(endless.exception()).isInstanceOf(StackOverflowError.class);
      event.set();
      assertThat(deep.await()).isEqualTo(2_000);
    });
  }

  // ---- the end of a loop

  @Test
  void closeEndsBlockingCodeAndWaitsForIt() {
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((closing, context) -> note("reported"));
    CountDownLatch running = new CountDownLatch(1);
    loop.createTask(() -> {
      try {
        blocking(() -> {
          running.countDown();
          LockSupport.park(); // ends when it is interrupted
          note("interrupted: " + Thread.interrupted());
        });
      } finally {
        blocking(() -> note("cleaned up"));
      }
    });
    loop.runUntilComplete(() -> blocking(() -> running.await()));
    loop.close();
    assertThat(events).containsExactly("reported", "interrupted: true", "cleaned up");
  }

  @Test
  void loopClosedInsideATaskOfAnotherEndsItsOwnTasks() {
    EventLoop inner = EventLoop.newEventLoop();
    inner.setExceptionHandler((closing, context) -> note("reported"));
    Task<?> task =
        inner.createTask(() -> {
          try {
            new Event().await();
          } finally {
            note("inner: " + (EventLoop.getRunningLoop() == inner));
          }
        });
    inner.runUntilComplete(() -> Steps.ticks(3));
    run(() -> {
      EventLoop outer = EventLoop.getRunningLoop();
      inner.close();
      note("outer: " + (EventLoop.getRunningLoop() == outer));
      tick();
    });
    assertThat(task.cancelled()).isTrue();
    assertThat(events).containsExactly("reported", "inner: true", "outer: true");
  }

  /**
   * So often that what resumes tasks is compiled, and would take the former thread for this one.
   */
  @Test
  void taskGoesOnInTheThreadOfTheNextRun() throws Exception {
    try (ExecutorService other = Executors.newSingleThreadExecutor();
        EventLoop loop = EventLoop.newEventLoop()) {
      for (int i = 0; i < 20_000; i++) {
        Event event = new Event();
        Task<EventLoop> task =
            loop.createTask(() -> {
              event.await();
              return EventLoop.getRunningLoop();
            });
        loop.runUntilComplete(() -> Steps.ticks(1));
        event.set();
        assertThat(other.submit(() -> loop.runUntilComplete(task)).get()).isSameAs(loop);
      }
    }
  }

  // ---- the warning outside debug mode

  /** Prints through the logger what it is warned of. */
  static final class WaitsInSynchronized {
    private final Object monitor = new Object();

    public static void main(String[] arguments) {
      WaitsInSynchronized waits = new WaitsInSynchronized();
      run(() -> {
        for (int i = 0; i < 5; i++) {
          waits.inBlock();
          waits.inMethod();
          waits.outside();
        }
      });
      System.out.println("ended");
    }

    private void inBlock() {
      synchronized (monitor) {
        tick();
      }
    }

    private synchronized void inMethod() {
      tick();
    }

    private void outside() {
      synchronized (monitor) {
        monitor.notifyAll();
      }
      tick();
    }
  }

  @Test
  void suspensionInsideSynchronizedIsToldOnceAPlaceOutsideDebugMode() throws Exception {
    String output = ChildJvm.run(WaitsInSynchronized.class, ChildJvm.engine()).output();
    assertThat(output)
        .containsOnlyOnce("WaitsInSynchronized.inBlock")
        .containsOnlyOnce("WaitsInSynchronized.inMethod")
        .contains("dev.aioli.sync.Lock")
        .doesNotContain("WaitsInSynchronized.outside")
        .contains("ended");
  }

  @Test
  void suspensionsAreLookedAtFirstAndThenNowAndThen() {
    long[] nanos = new long[1];
    MonitorWatch watch = new MonitorWatch(() -> nanos[0]);
    int looks = 0;
    for (int i = 0; i < 16; i++) {
      looks += watch.isDue() ? 1 : 0;
    }
    assertThat(looks).isEqualTo(16);
    nanos[0] += TimeUnit.MILLISECONDS.toNanos(49);
    for (int i = 0; i < 16; i++) {
      assertThat(watch.isDue()).isFalse();
    }
    nanos[0] += TimeUnit.MILLISECONDS.toNanos(1);
    looks = 0;
    for (int i = 0; i < 16; i++) {
      looks += watch.isDue() ? 1 : 0;
    }
    assertThat(looks).isEqualTo(1);
  }

  @Test
  void placeIsNewsOnce() {
    MonitorWatch watch = new MonitorWatch(Clock.SYSTEM);
    StackTraceElement place = new StackTraceElement("Example", "method", "Example.java", 7);
    assertThat(watch.isNews(place)).isTrue();
    assertThat(watch.isNews(place)).isFalse();
    assertThat(watch.isNews(new StackTraceElement("Example", "method", "Example.java", 8)))
        .isTrue();
  }
}
