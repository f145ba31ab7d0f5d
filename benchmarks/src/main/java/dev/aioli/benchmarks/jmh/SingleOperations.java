package dev.aioli.benchmarks.jmh;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;

import dev.aioli.ContextVar;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.ThrowingRunnable;
import dev.aioli.queue.PriorityQueue;
import dev.aioli.queue.Queue;
import dev.aioli.sync.Event;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Semaphore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** What single operations of the loop cost, many in a row inside one task. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@OperationsPerInvocation(SingleOperations.TIMES)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-opens=java.base/java.lang=ALL-UNNAMED"})
public class SingleOperations {
  static final int TIMES = 1000;

  /** The word for {@code -Ddev.aioli.engine}. */
  @Param({"loop-scheduled", "hand-over"})
  @SuppressWarnings("NullAway.Init") // JMH sets it
  public String engine;

  @SuppressWarnings("NullAway.Init") // see open()
  private EventLoop loop;

  private final Semaphore semaphore = new Semaphore(1);
  private final Lock lock = new Lock();
  private final Event event = new Event();
  private final Queue<Integer> queue = new Queue<>(1);
  private final PriorityQueue<Integer> priorityQueue = PriorityQueue.natural(1);
  private final ContextVar<Integer> variable = new ContextVar<>("variable");

  /** Opens the loop. */
  @Setup
  public void open() {
    System.setProperty("dev.aioli.engine", engine); // read when the first loop of a JVM is made
    loop = EventLoop.newEventLoop();
    event.set();
  }

  /** Closes the loop. */
  @TearDown
  public void close() {
    loop.close();
  }

  private void repeat(ThrowingRunnable operation) {
    loop.runUntilComplete(() -> {
      for (int i = 0; i < TIMES; i++) {
        operation.run();
      }
    });
  }

  /** Gives up the turn and gets it back. */
  @Benchmark
  public void yieldTurn() {
    repeat(() -> sleep(Duration.ZERO));
  }

  /** Starts a task and awaits it. */
  @Benchmark
  public void spawnAndAwait() {
    repeat(() -> createTask(() -> 1).await());
  }

  /** Schedules a callback and lets it run. */
  @Benchmark
  public void callSoon(Blackhole blackhole) {
    repeat(() -> {
      loop.callSoon(() -> blackhole.consume(1));
      sleep(Duration.ZERO);
    });
  }

  /** Sets a timer far away and cancels it. */
  @Benchmark
  public void timerSetAndCancelled() {
    Duration hour = Duration.ofHours(1);
    repeat(() -> loop.callLater(hour, () -> {}).cancel());
  }

  /** Awaits a future that is done. */
  @Benchmark
  public void awaitDoneFuture(Blackhole blackhole) {
    repeat(() -> {
      Future<Integer> future = loop.createFuture();
      future.setResult(1);
      blackhole.consume(future.await());
    });
  }

  /** Takes a free permit and returns it. */
  @Benchmark
  public void semaphoreFree() {
    repeat(() -> semaphore.acquire().close());
  }

  /** Takes a free lock and releases it. */
  @Benchmark
  public void lockFree() {
    repeat(() -> lock.acquire().close());
  }

  /** Waits for an event that is set. */
  @Benchmark
  public void eventSet() {
    repeat(event::await);
  }

  /** Puts an item where there is room, and gets it. */
  @Benchmark
  public void queuePutAndGet(Blackhole blackhole) {
    repeat(() -> {
      queue.put(1);
      blackhole.consume(queue.get());
    });
  }

  /** The same with priorities. */
  @Benchmark
  public void priorityQueuePutAndGet(Blackhole blackhole) {
    repeat(() -> {
      priorityQueue.put(1);
      blackhole.consume(priorityQueue.get());
    });
  }

  /** Sets a context variable and reads it. */
  @Benchmark
  public void contextVariable(Blackhole blackhole) {
    repeat(() -> {
      variable.set(1);
      blackhole.consume(variable.get());
    });
  }
}
