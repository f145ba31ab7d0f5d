package dev.aioli;

import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.runInExecutor;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.timeout;
import static dev.aioli.Asyncio.toThread;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.queue.Queue;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A run leaves nothing behind in its JVM. */
class NothingLeftTest {
  private static final int RUNS = 300;

  /** Threads of the JDK, started on first use by anybody, for the whole JVM. */
  private static final String OF_THE_JDK =
      "ForkJoinPool-1-(worker-\\d+|delayScheduler)|VirtualThread-un(parker|blocker)|Cleaner-\\d+|process reaper.*"
          + "|(Read-|Write-|Master)Poller.*|ForkJoinPool\\.commonPool.*|Attach Listener"
          + "|Common-Cleaner|CompletableFutureDelayScheduler";

  /** Something of everything that core has. */
  private static void program() {
    try (EventLoopThread other = EventLoopThread.start("aioli-test-loop")) {
      Asyncio.run(() -> {
        EventLoop loop = EventLoop.getRunningLoop();
        Queue<Integer> queue = new Queue<>(2);
        Task<?> consumer = createTask(() -> queue.get() + queue.get());
        CountDownLatch latch = new CountDownLatch(1);
        Future<?> timer = loop.createFuture();
        loop.callLater(Duration.ofMillis(1), () -> timer.setResult(null));
        createTask(() -> sleep(Duration.ofDays(1)), "left over");
        Thread posts = Thread.ofPlatform().start(() -> loop.callSoonThreadsafe(latch::countDown));
        gather(
            List.<Callable<?>>of(
                    () -> toThread(() -> 2),
                    () -> runInExecutor(() -> 1).await(),
                    () -> blocking(() -> latch.await(1, java.util.concurrent.TimeUnit.MINUTES)),
                    () -> timeout(Duration.ofMinutes(1), () -> consumer.await()),
                    () -> {
                      queue.put(1);
                      queue.put(2);
                      return null;
                    },
                    () -> Asyncio.await(other.submit(() -> 1)),
                    timer::await)
                .stream()
                .map(body -> createTask(body))
                .toList());
        Thread.ofVirtual().start(() -> {}).join();
        posts.join();
        try (ExecutorService executor = Executors.newFixedThreadPool(1)) {
          runInExecutor(executor, () -> 1).await();
        }
      });
    }
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !thread.getName().matches(OF_THE_JDK))
        .collect(Collectors.toSet());
  }

  @Test
  void runLeavesNoThreadBehind() throws InterruptedException {
    Set<Thread> before = threads();
    long childrenBefore = ProcessHandle.current().children().count();
    for (int i = 0; i < RUNS; i++) {
      program();
      Set<String> left =
          threads().stream()
              .filter(thread -> !before.contains(thread))
              .filter(thread -> !thread.getName().startsWith("aioli-outside-"))
              .filter(NothingLeftTest::staysAlive)
              .map(Thread::getName)
              .collect(Collectors.toSet());
      assertThat(left).as("after run %s", i).isEmpty();
    }
    for (Thread thread : threads()) { // carriers of threads that a task started: they end when idle
      if (thread.getName().startsWith("aioli-outside-")) {
        thread.join(Duration.ofMinutes(1));
      }
    }
    assertThat(threads()).extracting(Thread::getName).noneMatch(name -> name.startsWith("aioli"));
    assertThat(ProcessHandle.current().children().count()).isEqualTo(childrenBefore);
  }

  /** A thread that has nothing more to do needs a moment to end. */
  private static boolean staysAlive(Thread thread) {
    try {
      return !thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
