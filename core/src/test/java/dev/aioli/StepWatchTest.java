package dev.aioli;

import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the watchdog sees of a loop: looked at by hand, at times that the test invents. */
class StepWatchTest {
  private static final long LIMIT = Duration.ofSeconds(1).toNanos();

  private final EventLoop loop = EventLoop.builder().blockedLoopDuration(null).build();

  @AfterEach
  void close() {
    loop.close();
  }

  private @Nullable BlockedStep lookAt(double seconds) {
    return loop.iterations().watch().look((long) (seconds * 1e9), LIMIT);
  }

  /** Looks from now on until more than the limit has passed; gives the last answer. */
  private @Nullable BlockedStep lookForTheWholeLimit(double from) {
    assertThat(lookAt(from)).isNull();
    assertThat(lookAt(from + 0.5)).isNull();
    assertThat(lookAt(from + 0.75)).isNull();
    return lookAt(from + 1);
  }

  @Test
  void stepIsReportedWhenTheLimitHasPassedAndOnce() {
    loop.runUntilComplete(() -> {
      BlockedStep blocked = lookForTheWholeLimit(7);
      assertThat(blocked).isNotNull();
      assertThat(blocked.report())
          .startsWith("Task[Task-1 pending] has held the turn of EventLoop[")
          .contains(" for 1000 ms and still does; nothing else runs meanwhile. Split a long")
          .contains("dev.aioli.StepWatchTest.lookForTheWholeLimit(StepWatchTest.java:")
          .doesNotContain("runBody");
      assertThat(lookAt(9)).isNull();
      assertThat(lookAt(10)).isNull();
      sleep(Duration.ZERO);
      assertThat(lookForTheWholeLimit(20)).isNotNull();
    });
  }

  @Test
  void stepsThatTogetherTakeLongAreNotReported() {
    loop.runUntilComplete(() -> {
      for (int i = 0; i < 20; i++) {
        assertThat(lookAt(i * 0.5)).isNull();
        sleep(Duration.ZERO);
      }
    });
  }

  @Test
  void aJvmThatStoodStillAsAWholeReportsNobody() {
    loop.runUntilComplete(() -> {
      assertThat(lookAt(1)).isNull();
      assertThat(lookAt(3_600)).isNull();
    });
  }

  @Test
  void timeOfTheLoopsClockDoesNotMatter() {
    VirtualTime time = new VirtualTime();
    try (EventLoop virtual =
        EventLoop.builder().clock(time).poller(time).blockedLoopDuration(null).build()) {
      StepWatch watch = virtual.iterations().watch();
      virtual.runUntilComplete(() -> {
        for (int millis = 0; millis < 900; millis += 100) {
          time.advance(Duration.ofDays(1));
          assertThat(watch.look(millis * 1_000_000L, LIMIT)).isNull();
        }
      });
    }
  }

  @Test
  void taskIsNamedAndAnEagerOneInsideAnother() {
    List<String> reports = new ArrayList<>();
    loop.runUntilComplete(() -> {
      createTask(
          () -> reports.add(lookForTheWholeLimit(1).report()),
          TaskOptions.DEFAULT.withName("inner").withEagerStart(true));
    });
    assertThat(reports).singleElement().asString().startsWith("Task[inner pending] has held");
  }

  @Test
  void callbackIsReportedWithTheStackOfTheLoop() {
    loop.setDebug(true);
    List<String> reports = new ArrayList<>();
    loop.callSoon(() -> reports.add(lookForTheWholeLimit(1).report()));
    loop.stop();
    loop.runForever();
    assertThat(reports)
        .singleElement()
        .asString()
        .startsWith("Handle[dev.aioli.StepWatchTest$$Lambda")
        .contains("dev.aioli.StepWatchTest.lambda$callbackIsReported")
        .doesNotContain("runOnce");
  }

  @Test
  void whatHasBeenReportedIsNotLoggedAsSlowAsWell() {
    loop.runUntilComplete(() -> {
      StepWatch watch = loop.iterations().watch();
      assertThat(lookForTheWholeLimit(1)).isNotNull();
      assertThat(watch.claim()).isFalse();
      sleep(Duration.ZERO);
      assertThat(watch.claim()).isTrue();
      assertThat(lookForTheWholeLimit(10)).isNull();
    });
  }

  // ---- from another thread, as the watchdog does

  private static void awaitState(Thread thread, Thread.State state) {
    while (thread.getState() != state) {
      Thread.onSpinWait();
    }
  }

  /** Runs a body that blocks; gives the report that another thread gets meanwhile. */
  private BlockedStep blockedIn(Thread.State state, ThrowingRunnable body, Runnable release)
      throws InterruptedException {
    CompletableFuture<Thread> holder = new CompletableFuture<>();
    List<BlockedStep> seen = new ArrayList<>();
    Thread watcher =
        Thread.ofPlatform()
            .start(() -> {
              Thread thread = holder.join();
              awaitState(thread, state);
              BlockedStep blocked = lookForTheWholeLimit(1);
              if (blocked != null) {
                seen.add(blocked);
              }
              release.run();
              thread.interrupt();
            });
    loop.runUntilComplete(() -> {
      holder.complete(Thread.currentThread());
      try {
        body.run();
      } catch (InterruptedException | IOException e) {
        // released
      } finally {
        Thread.interrupted();
      }
    });
    joinDespiteInterrupts(watcher);
    assertThat(seen).hasSize(1);
    return seen.getFirst();
  }

  /**
   * On the bare engine the interrupt that ends the body is one of this thread, and may come late.
   */
  private static void joinDespiteInterrupts(Thread watcher) {
    while (watcher.isAlive()) {
      try {
        watcher.join();
      } catch (InterruptedException e) {
        // once more
      }
    }
    Thread.interrupted();
  }

  static Stream<Arguments> blockingCalls() {
    ReentrantLock held = new ReentrantLock();
    Thread.ofPlatform().start(held::lock);
    while (!held.isLocked()) {
      Thread.onSpinWait();
    }
    ReentrantLock free = new ReentrantLock();
    return Stream.of(
        blocks("Thread.sleep", "Asyncio.sleep", () -> Thread.sleep(Duration.ofDays(1))),
        blocks("TimeUnit.sleep", "Asyncio.sleep", () -> TimeUnit.DAYS.sleep(1)),
        blocks("Object.wait", "dev.aioli.sync.Condition", StepWatchTest::waitForNotify),
        blocks("Semaphore.acquire", "dev.aioli.sync.Semaphore", () -> new Semaphore(0).acquire()),
        blocks(
            "Semaphore.tryAcquire",
            "dev.aioli.sync.Semaphore",
            () -> new Semaphore(0).tryAcquire(1, TimeUnit.DAYS)),
        blocks("ReentrantLock.lockInterruptibly", "sync.Lock", held::lockInterruptibly),
        blocks("ReentrantLock.tryLock", "sync.Lock", () -> held.tryLock(1, TimeUnit.DAYS)),
        blocks("ConditionObject.await", "sync.Condition", () -> awaitSignal(free)),
        blocks("CountDownLatch.await", "sync.Event", () -> new CountDownLatch(1).await()),
        blocks("CyclicBarrier.await", "sync.Barrier", StepWatchTest::awaitBarrier),
        blocks("LinkedBlockingQueue.take", "queue.Queue", () -> new LinkedBlockingQueue<>().take()),
        blocks("CompletableFuture.get", "Asyncio.await", () -> new CompletableFuture<>().get()),
        blocks("FutureTask.get", "runInExecutor", () -> new FutureTask<>(() -> 1).get()),
        blocks("Thread.join", "blocking(...)", StepWatchTest::joinThread),
        blocks("invokeAll", "runInExecutor", StepWatchTest::invokeAll),
        blocks("ProcessImpl.waitFor", "Process.onExit()", StepWatchTest::waitForProcess),
        blocks("ServerSocket.accept", "blocking(...)", StepWatchTest::accept));
  }

  private static Arguments blocks(String call, String instead, ThrowingRunnable body) {
    return Arguments.of(call, instead, body);
  }

  private static void waitForNotify() throws InterruptedException {
    Object monitor = new Object();
    synchronized (monitor) {
      monitor.wait();
    }
  }

  private static void awaitSignal(ReentrantLock lock) throws InterruptedException {
    lock.lock();
    lock.newCondition().await();
  }

  private static void awaitBarrier() throws InterruptedException {
    try {
      new CyclicBarrier(2).await();
    } catch (java.util.concurrent.BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void joinThread() throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              try {
                end.await();
              } catch (InterruptedException e) {
                // nobody does
              }
            });
    try {
      other.join();
    } finally {
      end.countDown();
    }
  }

  private static void invokeAll() throws InterruptedException {
    try (var executor = Executors.newSingleThreadExecutor()) {
      executor.invokeAll(
          List.of(() -> {
            new CountDownLatch(1).await();
            return null;
          }));
    }
  }

  private static void waitForProcess() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("cat").start();
    try {
      process.waitFor();
    } finally {
      process.destroyForcibly();
    }
  }

  private static void accept() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.accept();
    }
  }

  @ParameterizedTest
  @MethodSource("blockingCalls")
  void blockingCallOfTheJdkIsNamedWithWhatToUseInstead(
      String call, String instead, ThrowingRunnable body) throws Exception {
    assumeFalse(
        loop.engine() == Engine.BARE && call.equals("ServerSocket.accept"),
        "an interrupt ends it on a virtual thread only, and a platform thread looks RUNNABLE");
    boolean timed = call.contains("sleep") || call.contains("try");
    Thread.State state = timed ? Thread.State.TIMED_WAITING : Thread.State.WAITING;
    BlockedStep blocked = blockedIn(state, body, () -> {});
    assertThat(blocked.who()).startsWith("Task[Task-1 pending");
    assertThat(blocked.report())
        .containsPattern(
            "java\\.[\\w.$]*" + call.replace(".", "\\.") + "\\w* blocks the event loop: ")
        .containsPattern("blocks the event loop: [^\n]*" + instead.replaceAll("([.()])", "\\\\$1"))
        .containsPattern("\n    at \\S*dev\\.aioli\\.StepWatchTest");
  }

  @Test
  void synchronizedIsNamedToo() throws Exception {
    Object monitor = new Object();
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread holder =
        Thread.ofPlatform()
            .start(() -> {
              synchronized (monitor) {
                held.countDown();
                try {
                  release.await();
                } catch (InterruptedException e) {
                  // nobody does
                }
              }
            });
    held.await();
    BlockedStep blocked =
        blockedIn(
            Thread.State.BLOCKED,
            () -> {
              synchronized (monitor) {
                assertThat(holder).isNotNull();
              }
            },
            release::countDown);
    assertThat(blocked.report()).contains("synchronized block: use dev.aioli.sync.Lock");
  }

  @Test
  void waitOfAnotherKindIsReportedToo() throws Exception {
    AtomicBoolean released = new AtomicBoolean();
    BlockedStep blocked =
        blockedIn(
            Thread.State.WAITING,
            () -> {
              while (!released.get()) {
                LockSupport.park();
              }
            },
            () -> released.set(true));
    assertThat(blocked.report()).contains("It waits without suspending: call it inside");
  }

  private static final CompletableFuture<String> INITIALISED = new CompletableFuture<>();

  /** Blocks in its class initialiser, where its thread cannot give way to another. */
  private static final class BlocksWhileInitialised {
    static final String VALUE = INITIALISED.join();
  }

  @Test
  void pinnedTaskIsReportedAndTheLoopLives() throws Exception {
    List<String> values = new ArrayList<>();
    BlockedStep blocked =
        blockedIn(
            Thread.State.WAITING,
            () -> values.add(BlocksWhileInitialised.VALUE),
            () -> INITIALISED.complete("initialised"));
    assertThat(blocked.report())
        .contains("CompletableFuture.join blocks the event loop: use Asyncio.await")
        .contains("BlocksWhileInitialised.<clinit>");
    assertThat(values).containsExactly("initialised");
    assertThat(loop.<String>runUntilComplete(() -> "alive")).isEqualTo("alive");
  }

  // ---- who does not hold the turn

  @Test
  void loopThatIsIdleIsNotReported() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    Future<String> future = loop.createFuture();
    List<@Nullable BlockedStep> seen = new ArrayList<>();
    Thread watcher =
        Thread.ofPlatform()
            .start(() -> {
              awaitQuietly(running);
              awaitState(loop.turn().thread(), Thread.State.WAITING);
              seen.add(lookForTheWholeLimit(1));
              loop.callSoonThreadsafe(() -> future.setResult("set"));
            });
    loop.runUntilComplete(() -> {
      running.countDown();
      assertThat(future.await()).isEqualTo("set");
    });
    watcher.join();
    assertThat(seen).containsExactly((BlockedStep) null);
  }

  @Test
  void waitInsideBlockingIsNotReported() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    List<@Nullable BlockedStep> seen = new ArrayList<>();
    Thread watcher =
        Thread.ofPlatform()
            .start(() -> {
              awaitQuietly(running);
              awaitState(loop.turn().thread(), Thread.State.WAITING);
              seen.add(lookForTheWholeLimit(1));
              release.countDown();
            });
    loop.runUntilComplete(() -> {
      blocking(() -> {
        running.countDown();
        release.await();
      });
    });
    watcher.join();
    assertThat(seen).containsExactly((BlockedStep) null);
  }

  @Test
  void computationInsideBlockingIsReportedWhereItHoldsUpTheLoop() {
    List<@Nullable BlockedStep> seen = new ArrayList<>();
    loop.runUntilComplete(() ->
        blocking(() -> {
          if (loop.engine() != Engine.LOOP_SCHEDULED) {
            awaitState(loop.turn().thread(), Thread.State.WAITING); // it goes on beside this code
          }
          seen.add(lookForTheWholeLimit(1));
        }));
    if (loop.engine() != Engine.LOOP_SCHEDULED) {
      assertThat(seen).containsExactly((BlockedStep) null);
    } else {
      assertThat(seen.getFirst().report())
          .contains("does not belong into blocking(...): use Asyncio.toThread");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
