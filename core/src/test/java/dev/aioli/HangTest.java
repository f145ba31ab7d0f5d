package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.taskGroup;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.queue.Queue;
import dev.aioli.sync.Event;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Semaphore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A loop that waits in vain says so. The programs hang: each is a JVM of its own, which is ended.
 */
class HangTest {
  private static final String STALLED = "WARNING: Nothing can ever run again in this loop";

  /** Runs the hang that it is told. */
  static final class Hangs {
    public static void main(String[] args) {
      run(() -> {
        switch (System.getProperty("how")) {
          case "deadlock" -> {
            Lock a = new Lock();
            Lock b = new Lock();
            createTask(() -> both(a, b), "first");
            createTask(() -> both(b, a), "second").await();
          }
          case "twice" -> {
            Lock lock = new Lock();
            lock.acquire();
            lock.acquire();
          }
          case "queue" -> new Queue<Integer>(Queue.UNBOUNDED).get();
          case "permit" -> {
            Semaphore one = new Semaphore(1);
            createTask(() -> one.acquire(), "forgets");
            sleep(Duration.ZERO);
            one.acquire();
          }
          case "dead workers" -> {
            Queue<Integer> jobs = new Queue<>(2);
            for (int i = 0; i < 2; i++) {
              createTask(
                  () -> {
                    int job = jobs.get();
                    throw new IllegalStateException("job " + job + " is too much");
                  },
                  "worker-" + i);
            }
            for (int i = 0; i < 100; i++) {
              jobs.put(i);
            }
          }
          case "posted" -> {
            EventLoop.getRunningLoop().callSoonThreadsafe(() -> {});
            new Event().await();
          }
          case "long wait" -> {
            Lock lock = new Lock();
            createTask(
                () -> {
                  lock.acquire();
                  new Event().await();
                },
                "holder");
            createTask(() -> lock.acquire(), "waiter");
            Steps.ticks(3);
            EventLoop loop = EventLoop.getRunningLoop();
            Thread.ofPlatform().daemon().start(() -> lookEachMinute(loop));
            new Event().await();
          }
          default -> throw new IllegalArgumentException();
        }
      });
    }

    /** Has the loop look at its waits three times, as if a minute had passed before each. */
    private static void lookEachMinute(EventLoop loop) {
      HangWatch watch = loop.iterations().hangWatch();
      long now = System.nanoTime();
      for (int i = 1; i <= 3; i++) {
        watch.look(now + Duration.ofSeconds(61L * i).toNanos());
        CountDownLatch looked = new CountDownLatch(1);
        loop.callSoonThreadsafe(looked::countDown); // which runs after the look
        try {
          looked.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        System.err.println("looks: " + i);
      }
    }

    private static void both(Lock first, Lock second) {
      try (var _ = first.acquire()) {
        sleep(Duration.ZERO);
        second.acquire();
      }
    }
  }

  /** What the program says until it has said the last of these; then it is ended. */
  private static String toldBy(String how, String last, String... options) throws IOException {
    String[] all =
        Stream.of(Stream.of(ChildJvm.engine()), Stream.of("-Dhow=" + how), Stream.of(options))
            .flatMap(each -> each)
            .toArray(String[]::new);
    Process process = ChildJvm.start(Hangs.class, all);
    StringBuilder said = new StringBuilder();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        said.append(line).append('\n');
        if (line.contains(last)) {
          break;
        }
      }
    } finally {
      process.destroyForcibly();
    }
    return said.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "deadlock|Task[second pending waiting for Lock[locked, waiters=1]], held by Task[first",
        "twice|Task[Task-1 pending waiting for Lock[locked, waiters=1]], held by Task[Task-1",
        "queue|Task[Task-1 pending waiting for Queue[",
        "permit|Task[Task-1 pending waiting for Semaphore[locked, value=0, waiters=1]], held by tasks"
      })
  void aLoopThatCanNeverGoOnSaysSoWithWhatEachTaskWaitsFor(String how, String line)
      throws IOException {
    assertThat(toldBy(how, line, "-Ddev.aioli.idleReportMillis=200"))
        .containsOnlyOnce(STALLED + ": nothing is ready")
        .contains(line);
  }

  @Test
  void whoHoldsAPermitIsKnownInDebugMode() throws IOException {
    assertThat(
            toldBy(
                "permit",
                "held by Task[forgets result=",
                "-Ddev.aioli.idleReportMillis=200",
                "-Ddev.aioli.debug=true"))
        .contains("held by Task[forgets result=");
  }

  @Test
  void deadWorkersAndTheProducerAreToldByDefaultInTwoSeconds() throws IOException {
    long begin = System.nanoTime();
    String said = toldBy("dead workers", "Task[Task-1 pending waiting for Queue[");
    assertThat(said)
        .contains("Task exception was never retrieved")
        .contains("job 0 is too much", "job 1 is too much")
        .contains(STALLED)
        .contains("Task[Task-1 pending waiting for Queue[");
    assertThat(System.nanoTime() - begin).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void aLoopToWhichOthersPostSaysSoLater() throws IOException {
    assertThat(
            toldBy(
                "posted",
                STALLED,
                "-Ddev.aioli.idleReportMillis=50",
                "-Ddev.aioli.deadlockMillis=300"))
        .contains(STALLED + ", unless another thread posts to it");
  }

  @Test
  void aLockThatATaskWaitsForAtTwoLooksIsToldOnceWithItsHolder() throws IOException {
    String said =
        toldBy(
            "long wait",
            "looks: 3",
            "-Ddev.aioli.idleReportMillis=3600000",
            "-Ddev.aioli.deadlockMillis=3600000");
    assertThat(said)
        .containsOnlyOnce("has waited for more than a minute")
        .contains(
            "Task[waiter pending waiting for Lock[locked, waiters=1]] has waited for more than a"
                + " minute, held by Task[holder pending waiting for Event[");
    assertThat(said.indexOf("has waited for")).isGreaterThan(said.indexOf("looks: 1"));
    assertThat(said.indexOf("has waited for")).isLessThan(said.indexOf("looks: 2"));
  }

  // ---- in this JVM, where the watchdog is asked as if by real time

  private final List<String> reports = new ArrayList<>();

  /** Has the loop look as if it had been idle for so long. */
  private static void beIdle(EventLoop loop, Duration time) {
    HangWatch watch = loop.iterations().hangWatch();
    long now = System.nanoTime();
    watch.look(now);
    for (int i = 1; i <= 40; i++) {
      watch.look(now + time.toNanos() * i / 40);
    }
  }

  /** Runs a body on a loop, and while its main task waits, has that be idle for two seconds. */
  private void whileIdle(ThrowingRunnable body) throws InterruptedException {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      loop.setExceptionHandler(
          (_, context) -> reports.add(context.message() + ": " + context.future()));
      CountDownLatch waits = new CountDownLatch(1);
      LinkedBlockingQueue<Future<?>> end = new LinkedBlockingQueue<>();
      Thread watchdog =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  waits.await();
                  while (loop.iterations().watch().latest() > 0) {
                    Thread.onSpinWait();
                  }
                  beIdle(loop, Duration.ofSeconds(2));
                  Future<?> future = end.take();
                  loop.callSoonThreadsafe(() -> future.cancel());
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      loop.runUntilComplete(() -> {
        body.run();
        Steps.ticks(5); // all have come to where they wait
        Future<Void> over = loop.createFuture();
        end.add(over);
        waits.countDown();
        try {
          over.await();
        } catch (CancelledError e) {
          reports.add("over");
        }
      });
      watchdog.join();
    }
  }

  @Test
  void aFailureOfWhichNobodyIsToldIsReportedWhenTheLoopIsIdle() throws InterruptedException {
    List<Task<?>> kept = new ArrayList<>();
    whileIdle(() -> {
      kept.add(createTask(() -> Integer.parseInt("x"), "fails"));
    });
    assertThat(reports)
        .containsExactly("Task exception was never retrieved: " + kept.getFirst(), "over");
  }

  @Test
  void oneThatIsAwaitedTogetherWithOthersIsNot() throws InterruptedException {
    List<Future<?>> kept = new ArrayList<>();
    whileIdle(() -> {
      Task<Integer> fails = createTask(() -> Integer.parseInt("x"), "fails");
      sleep(Duration.ZERO);
      Future<Integer> late = EventLoop.getRunningLoop().createFuture();
      kept.add(createTask(() -> Asyncio.await(List.of(fails, late)), "waits for both"));
      sleep(Duration.ZERO);
    });
    assertThat(reports).startsWith("over");
  }

  @Test
  void oneThatAGroupSeesIsNot() throws InterruptedException {
    whileIdle(() ->
        createTask(() ->
            taskGroup(group -> {
              group.createTask(() -> Integer.parseInt("x"));
              try {
                sleep(Duration.ofDays(1));
              } finally {
                sleep(Duration.ofDays(1));
              }
            })));
    assertThat(reports).startsWith("over");
  }

  @Test
  void workOutsideKeepsALoopFromBeingStalled() {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      loop.runUntilComplete(() -> {
        assertThat(loop.outside().pending()).isZero();
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CountDownLatch release = new CountDownLatch(1);
        Task<?> awaits = createTask(() -> Asyncio.await(stage));
        Future<?> works =
            loop.runInExecutor(
                null,
                () -> {
                  release.await();
                  return 1;
                });
        sleep(Duration.ZERO);
        assertThat(loop.outside().pending()).isEqualTo(2);
        try (var hold = loop.outside().hold("a test")) {
          assertThat(loop.outside().pending()).isEqualTo(3);
          assertThat(loop.outside().reasons()).containsExactly("a test");
          hold.close();
          assertThat(loop.outside().pending()).isEqualTo(2);
        }
        stage.complete(1);
        release.countDown();
        awaits.await();
        works.await();
        sleep(Duration.ZERO);
        assertThat(loop.outside().pending()).isZero();
      });
    }
  }

  @Test
  void workThatIsRefusedIsNotOutside() {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      loop.runUntilComplete(() -> {
        Executor full =
            _ -> {
              throw new RejectedExecutionException("full");
            };
        assertThatThrownBy(() -> loop.runInExecutor(full, () -> 1))
            .isInstanceOf(RejectedExecutionException.class);
        assertThat(loop.outside().pending()).isZero();
      });
    }
  }
}
