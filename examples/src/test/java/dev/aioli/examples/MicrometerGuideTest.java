package dev.aioli.examples;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.runCoroutineThreadsafe;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.task;
import static dev.aioli.Asyncio.toThread;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.Context;
import dev.aioli.EventLoop;
import dev.aioli.Runner;
import dev.aioli.Task;
import dev.aioli.ThreadLocalBridge;
import dev.aioli.ThrowingRunnable;
import dev.aioli.queue.Queue;
import dev.aioli.sync.Semaphore;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What docs/guide/micrometer.md says. */
@Timeout(60)
class MicrometerGuideTest {
  private final VirtualTime time = new VirtualTime();
  private final MeterRegistry registry =
      new SimpleMeterRegistry(
          SimpleConfig.DEFAULT,
          new Clock() {
            @Override
            public long wallTime() {
              return time.elapsed().toMillis();
            }

            @Override
            public long monotonicTime() {
              return time.elapsed().toNanos();
            }
          });

  // region gauge
  /** A gauge whose value is taken in the loop's turn, whatever thread asks. */
  static <T> Gauge gauge(MeterRegistry registry, String name, T object, ToDoubleFunction<T> value) {
    EventLoop loop = getRunningLoop();
    Callable<Double> read = () -> value.applyAsDouble(object);
    Supplier<Number> ask =
        () ->
            runCoroutineThreadsafe(read, loop)
                .toCompletableFuture()
                .orTimeout(1, TimeUnit.SECONDS)
                .join();
    return Gauge.builder(name, ask).strongReference(true).register(registry);
  }

  // endregion gauge

  @Test
  void timersRecordTheTimeThatABodyTakesWithItsWaits() {
    inVirtualTime(() -> {
      Task<?> other = createTask(() -> sleep(ofMillis(70)));
      // region timer
      Timer timer = Timer.builder("fetch").register(registry);
      String page =
          timer.recordCallable(() -> {
            // others run meanwhile: this is how long it took, not how long it ran
            sleep(ofMillis(100));
            return "page";
          });
      // endregion timer
      assertThat(page).isEqualTo("page");
      assertThat(other.done()).isTrue();
      assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(100);
    });
  }

  @Test
  void aCancelledBodyIsRecordedToo() {
    inVirtualTime(() -> {
      Timer timer = registry.timer("fetch");
      Task<?> task = createTask(() -> timer.record(() -> sleep(ofDays(1))));
      sleep(ofMillis(30));
      task.cancel();
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
      assertThat(timer.count()).isOne();
      assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(30);
    });
  }

  // region outcome
  /** Times a body, with how it ended as a tag. */
  static <T> T timed(MeterRegistry registry, String name, Callable<T> body) throws Exception {
    var sample = Timer.start(registry);
    String outcome = "failed";
    try {
      T result = body.call();
      outcome = "ok";
      return result;
    } catch (CancelledError e) {
      outcome = "cancelled";
      throw e;
    } finally {
      sample.stop(registry.timer(name, "outcome", outcome));
    }
  }

  // endregion outcome

  @Test
  void theOutcomeIsATag() {
    inVirtualTime(() -> {
      timed(registry, "job", () -> "done");
      assertThatThrownBy(() -> timed(registry, "job", () -> Integer.parseInt("x")))
          .isInstanceOf(NumberFormatException.class);
      Task<?> task =
          createTask(() ->
              timed(
                  registry,
                  "job",
                  () -> {
                    sleep(ofDays(1));
                    return "";
                  }));
      sleep(ofMillis(5));
      task.cancel();
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
      for (String outcome : new String[] {"ok", "failed", "cancelled"}) {
        assertThat(registry.timer("job", "outcome", outcome).count()).as(outcome).isOne();
      }
    });
  }

  @Test
  void longTaskTimersShowWhatIsUnderWay() {
    inVirtualTime(() -> {
      // region under-way
      LongTaskTimer underWay = LongTaskTimer.builder("jobs").register(registry);
      var jobs = task(() -> underWay.record(() -> sleep(ofSeconds(9))));
      sleep(ofSeconds(4));
      assertThat(underWay.activeTasks()).isEqualTo(1);
      assertThat(underWay.duration(TimeUnit.SECONDS)).isEqualTo(4);
      // endregion under-way
      jobs.await();
      assertThat(underWay.activeTasks()).isZero();
    });
  }

  @Test
  void countersMayBeUsedInAnyThread() {
    run(() -> {
      Counter counter = registry.counter("lines");
      counter.increment();
      toThread(() -> counter.increment());
      assertThat(counter.count()).isEqualTo(2);
    });
  }

  @Test
  void aGaugeIsReadByTheThreadThatScrapes() {
    run(() -> {
      var queue = new Queue<String>(10);
      queue.putNowait("a");
      // region gauges
      var limit = new Semaphore(6);
      gauge(registry, "queue.size", queue, Queue::qsize);
      gauge(registry, "places.free", limit, Semaphore::availablePermits);
      // endregion gauges
      limit.acquire();
      assertThat(toThread(() -> registry.get("queue.size").gauge().value())).isEqualTo(1);
      assertThat(toThread(() -> registry.get("places.free").gauge().value())).isEqualTo(5);
    });
  }

  @Test
  void aGaugeOverAQueueOfTheLoopIsRefusedInDebugMode() {
    run(() -> {
      getRunningLoop().setDebug(true);
      var queue = new Queue<String>(10);
      queue.putNowait("a");
      Gauge gauge = Gauge.builder("direct", queue, Queue::qsize).register(registry);
      assertThat(toThread(() -> gauge.value())).isNaN(); // Micrometer logs why
      assertThat(toThread(() -> registry.get("direct").gauge().value())).isNaN();
    });
  }

  @Test
  void aGaugeOfALoopThatHasEndedIsNaN() {
    run(() -> {
      gauge(registry, "queue.size", new Queue<String>(10), Queue::qsize);
    });
    assertThat(registry.get("queue.size").gauge().value()).isNaN();
  }

  @Test
  void aGaugeOfTheLoopMayNotBeReadOnTheLoop() {
    run(() -> {
      Gauge gauge = gauge(registry, "queue.size", new Queue<String>(10), Queue::qsize);
      assertThat(gauge.value()).isNaN();
    });
  }

  // region observation
  /** Carries the current observation along with tasks, callbacks and toThread. */
  record ObservationBridge(ObservationRegistry registry)
      implements ThreadLocalBridge<Observation.Scope> {
    @Override
    public Observation.Scope capture() {
      return registry.getCurrentObservationScope();
    }

    @Override
    public void restore(Observation.Scope scope) {
      registry.setCurrentObservationScope(scope);
    }
  }

  // endregion observation

  @Test
  void anObservationIsCarriedByABridge() throws Exception {
    var observations = ObservationRegistry.create();
    observations.observationConfig().observationHandler(context -> true);
    try (var carried = Context.carry(new ObservationBridge(observations))) {
      run(() -> {
        var request = Observation.start("request", observations);
        try (var scope = request.openScope()) {
          var child = createTask(() -> observations.getCurrentObservation());
          sleep(ZERO);
          assertThat(child.await()).isSameAs(request);
          assertThat(observations.getCurrentObservation()).isSameAs(request);
        }
        assertThat(createTask(() -> observations.getCurrentObservation()).await()).isNull();
      });
    }
  }

  @Test
  void anObservationStaysWithItsTaskWithoutABridge() {
    var observations = ObservationRegistry.create();
    observations.observationConfig().observationHandler(context -> true);
    run(() -> {
      var request = Observation.start("request", observations);
      try (var scope = request.openScope()) {
        var child = createTask(() -> observations.getCurrentObservation());
        assertThat(child.await()).isNull();
        assertThat(observations.getCurrentObservation()).isSameAs(request);
      }
    });
  }

  private void inVirtualTime(ThrowingRunnable body) {
    try (Runner runner = new Runner(time::newEventLoop)) {
      runner.run(body);
    }
  }
}
