package dev.aioli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the pool does while nothing goes wrong. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class ProcessPoolExecutorTest {
  private static int counter;

  @Test
  void aJobRunsInAnotherProcessAndGivesItsResult() throws Exception {
    try (var pool = ProcessPoolExecutor.create(1)) {
      int captured = 20;
      assertThat(pool.submit(() -> captured + 1).get()).isEqualTo(21);
      assertThat(pool.submit(Jobs::pid).get()).isNotEqualTo(Jobs.pid());
      assertThat(
              pool.submit(
                      () -> {
                        counter++;
                      })
                  .get())
          .isNull();
      assertThat(pool.submit(() -> counter).get()).isEqualTo(1);
      assertThat(counter).isZero();
      assertThat(pool.submit((Runnable & java.io.Serializable) () -> {}, "here").get())
          .isEqualTo("here");
    }
  }

  @Test
  void anExceptionOfAJobComesWithItsTypeMessageAndStack() {
    try (var pool = ProcessPoolExecutor.create(1)) {
      JobFuture<Integer> failing = pool.submit(() -> Integer.parseInt("x"));
      assertThatThrownBy(failing::get)
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(NumberFormatException.class)
          .hasMessageContaining("\"x\"")
          .hasStackTraceContaining("ProcessPoolExecutorTest");
      JobFuture<Integer> deep = pool.submit(() -> overflow(1));
      assertThatThrownBy(deep::get).hasCauseInstanceOf(StackOverflowError.class);
      assertThat(pool.workerPids()).hasSize(1);
    }
  }

  private static int overflow(int depth) {
    return overflow(depth + 1) + 1;
  }

  @Test
  void workersStartWhenThereAreJobsForThem() throws Exception {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(2).standardOutput(output).build()) {
      assertThat(pool.workerPids()).isEmpty();
      pool.submit(() -> 1).get();
      pool.submit(() -> 2).get();
      assertThat(pool.workerPids()).hasSize(1);
      List<JobFuture<Long>> blocked = new ArrayList<>();
      Set<Long> pids = new HashSet<>();
      for (int i = 0; i < 3; i++) {
        blocked.add(pool.submit(() -> Jobs.blockForEver()));
      }
      pids.add(output.nextNumber());
      pids.add(output.nextNumber());
      assertThat(pool.workerPids()).containsExactlyInAnyOrderElementsOf(pids);
      blocked.forEach(job -> job.cancel(true));
    }
  }

  @Test
  void jobsStartInTheOrderInWhichTheyWereSubmitted() throws Exception {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      for (int i = 0; i < 100; i++) {
        int number = i;
        pool.submit(() -> System.out.println(number));
      }
      for (int i = 0; i < 100; i++) {
        assertThat(output.nextNumber()).isEqualTo(i);
      }
    }
  }

  @Test
  void aJobIsSerializedWhenItIsSubmitted() throws Exception {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      JobFuture<Object> first = pool.submit(() -> Jobs.blockForEver());
      ArrayList<Integer> numbers = new ArrayList<>(List.of(1));
      JobFuture<Integer> second = pool.submit(() -> numbers.size());
      numbers.add(2);
      first.cancel(true);
      assertThat(second.get()).isEqualTo(1);
    }
  }

  @Test
  void anIdleWorkerEndsAfterATime() throws Exception {
    try (var pool =
        ProcessPoolExecutor.builder().size(1).idleTimeout(Duration.ofMillis(1)).build()) {
      long first = pool.submit(Jobs::pid).get();
      Jobs.awaitEnd(first);
      assertThat(pool.submit(Jobs::pid).get()).isNotEqualTo(first);
    }
  }

  /** CPython hangs here: python/cpython#115634. */
  @Test
  void aWorkerIsReplacedAfterItsShareOfJobs() throws Exception {
    try (var pool = ProcessPoolExecutor.builder().size(1).maxJobsPerWorker(2).build()) {
      List<JobFuture<Long>> jobs =
          IntStream.range(0, 10).mapToObj(i -> pool.submit(Jobs::pid)).toList();
      List<Long> pids = new ArrayList<>();
      for (JobFuture<Long> job : jobs) {
        pids.add(job.get());
      }
      assertThat(new HashSet<>(pids)).hasSize(5);
      for (int i = 0; i < 10; i += 2) {
        assertThat(pids.get(i)).isEqualTo(pids.get(i + 1));
      }
    }
  }

  @Test
  void aWorkerThatRetiresCountsUntilItIsGone() throws Exception {
    try (var pool = ProcessPoolExecutor.builder().size(2).maxJobsPerWorker(1).build()) {
      List<JobFuture<?>> jobs = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        jobs.add(
            pool.submit(() -> Runtime.getRuntime().addShutdownHook(new Thread(() -> forEver()))));
      }
      for (JobFuture<?> job : jobs) {
        job.get();
        assertThat(pool.workerPids()).hasSizeLessThanOrEqualTo(2);
      }
    }
  }

  @Test
  void anIdleWorkerThatEndsCountsUntilItIsGone() throws Exception {
    try (var pool =
        ProcessPoolExecutor.builder().size(1).idleTimeout(Duration.ofMillis(1)).build()) {
      for (int i = 0; i < 3; i++) {
        long pid =
            pool.submit(
                    () -> {
                      Runtime.getRuntime().addShutdownHook(new Thread(() -> forEver()));
                      return Jobs.pid();
                    })
                .get();
        assertThat(pool.submit(() -> 1).thenApply(one -> pool.workerPids().size()).get())
            .isLessThanOrEqualTo(1);
        Jobs.awaitEnd(pid);
      }
    }
  }

  private static void forEver() {
    while (true) {
      Thread.onSpinWait();
    }
  }

  @Test
  void theInitializerRunsOncePerWorkerBeforeItsJobs() throws Exception {
    try (var pool = ProcessPoolExecutor.builder().size(1).initializer(() -> counter = 5).build()) {
      assertThat(pool.submit(() -> ++counter).get()).isEqualTo(6);
      assertThat(pool.submit(() -> ++counter).get()).isEqualTo(7);
    }
  }

  @Test
  void optionsAndEnvironmentReachTheWorkers() throws Exception {
    try (var pool =
        ProcessPoolExecutor.builder()
            .size(1)
            .jvmOptions("-Xmx48m", "-Dgreeting=grüß dich")
            .environment("AIOLI_TEST", "yes")
            .build()) {
      assertThat(pool.submit(() -> Runtime.getRuntime().maxMemory()).get()).isLessThan(50L << 20);
      assertThat(pool.submit(() -> System.getenv("AIOLI_TEST")).get()).isEqualTo("yes");
      assertThat(pool.submit(() -> System.getProperty("java.home")).get())
          .isEqualTo(System.getProperty("java.home"));
      assertThat(pool.submit(() -> System.getProperty("dev.aioli.engine", "")).get())
          .isEqualTo(System.getProperty("dev.aioli.engine", ""));
    }
  }

  @Test
  void textCrossesTheBorderInAnyLocale() throws Exception {
    try (var pool =
        ProcessPoolExecutor.builder()
            .size(1)
            .environment("LC_ALL", "C")
            .jvmOptions("-Duser.language=tr")
            .build()) {
      String text = "İstanbul, grüß dich, 你好 \uD83E\uDDC4";
      assertThat(pool.submit(() -> text + "!").get()).isEqualTo(text + "!");
    }
  }

  @Test
  void standardInputIsEmptyForAJob() throws Exception {
    try (var pool = ProcessPoolExecutor.create(1)) {
      assertThat(pool.submit(() -> System.in.read()).get()).isEqualTo(-1);
    }
  }

  @Test
  void mapGivesResultsInTheOrderOfTheArguments() throws Exception {
    try (var pool = ProcessPoolExecutor.create(2)) {
      List<Integer> numbers = IntStream.range(0, 1000).boxed().toList();
      assertThat(pool.map((Integer n) -> n * 2, numbers, 64).get())
          .isEqualTo(numbers.stream().map(n -> n * 2).toList());
      assertThat(pool.map((Integer n) -> n * 2, List.of(), 64).get()).isEmpty();
      assertThat(catchThrowable(() -> pool.map((Integer n) -> 1 / n, List.of(1, 0, 1), 1).get()))
          .hasCauseInstanceOf(ArithmeticException.class);
      assertThatThrownBy(() -> pool.map((Integer n) -> n, numbers, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("expected chunkSize >= 1, was 0");
    }
  }

  @Test
  void invokeAllWaitsForAllAndCancelsWhatIsLate() throws Exception {
    try (var pool = ProcessPoolExecutor.create(2)) {
      List<Callable<Integer>> jobs =
          List.of(Job.of(() -> 1), Job.of(() -> 2 / counter), Job.of(() -> 3));
      assertThat(pool.invokeAll(jobs))
          .extracting(Future::state)
          .containsExactly(Future.State.SUCCESS, Future.State.FAILED, Future.State.SUCCESS);
      List<Callable<Integer>> late = List.of(Job.of(() -> Jobs.blockForEver()));
      assertThat(pool.invokeAll(late, 10, TimeUnit.MILLISECONDS))
          .extracting(Future::state)
          .containsExactly(Future.State.CANCELLED);
    }
  }

  @Test
  void invokeAnyGivesTheFirstSuccessAndCancelsTheOthers() throws Exception {
    try (var pool = ProcessPoolExecutor.create(3)) {
      List<Callable<Integer>> jobs =
          List.of(Job.of(() -> Jobs.blockForEver()), Job.of(() -> 2 / counter), Job.of(() -> 3));
      assertThat(pool.invokeAny(jobs)).isEqualTo(3);
      List<Callable<Integer>> failing =
          List.of(Job.of(() -> 1 / counter), Job.of(() -> 2 / counter));
      assertThatThrownBy(() -> pool.invokeAny(failing))
          .hasCauseInstanceOf(ArithmeticException.class);
      List<Callable<Integer>> late = List.of(Job.of(() -> Jobs.blockForEver()));
      assertThatThrownBy(() -> pool.invokeAny(late, 10, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
    }
  }

  @Test
  void shutdownRunsWhatWaitsAndTakesNoMore() throws Exception {
    var pool = ProcessPoolExecutor.create(1);
    List<JobFuture<Integer>> jobs =
        IntStream.range(0, 20).mapToObj(i -> pool.submit(() -> i)).toList();
    pool.shutdown();
    assertThat(pool.isShutdown()).isTrue();
    assertThatThrownBy(() -> pool.submit(() -> 1))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("shut down");
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(pool.isTerminated()).isTrue();
    for (int i = 0; i < 20; i++) {
      assertThat(jobs.get(i).resultNow()).isEqualTo(i);
    }
    assertThat(pool)
        .hasToString(
            "ProcessPoolExecutor[terminated, processes = 0 of 1, running = 0, waiting = 0]");
  }

  @Test
  void shutdownNowCancelsWhatWaitsAndKillsWhatRuns() throws Exception {
    Lines output = new Lines();
    var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build();
    JobFuture<Object> running = pool.submit(() -> Jobs.blockForEver());
    List<JobFuture<?>> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(
          pool.submit(() -> {
            counter++;
          }));
    }
    long pid = output.nextNumber();
    assertThat(pool.awaitTermination(1, TimeUnit.MILLISECONDS)).isFalse();
    List<Runnable> unstarted = pool.shutdownNow();
    assertThat(unstarted).hasSize(20);
    assertThat(running).isCancelled();
    assertThat(waiting).allMatch(Future::isCancelled);
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Jobs.isAlive(pid)).isFalse();
    unstarted.forEach(Runnable::run);
    assertThat(counter).isEqualTo(20);
    counter = 0;
  }

  @Test
  void killWorkersFailsWhatRuns() throws Exception {
    Lines output = new Lines();
    var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build();
    JobFuture<Object> running = pool.submit(() -> Jobs.blockForEver());
    JobFuture<Integer> waiting = pool.submit(() -> 1);
    output.next();
    pool.killWorkers();
    assertThatThrownBy(running::get)
        .cause()
        .isInstanceOfSatisfying(
            WorkerDiedException.class, died -> assertThat(died.exitStatus()).isEqualTo(137));
    assertThatThrownBy(waiting::get).isInstanceOf(CancellationException.class);
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void terminateWorkersLetsThemRunTheirShutdownHooks() throws Exception {
    Lines output = new Lines();
    var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build();
    JobFuture<Object> running =
        pool.submit(() -> {
          Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("bye")));
          return Jobs.blockForEver();
        });
    output.next();
    pool.terminateWorkers();
    assertThat(output.next()).isEqualTo("bye");
    assertThatThrownBy(running::get)
        .cause()
        .isInstanceOfSatisfying(
            WorkerDiedException.class, died -> assertThat(died.exitStatus()).isEqualTo(143));
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aPoolThatWasNeverUsedCloses() {
    var pool = ProcessPoolExecutor.create();
    pool.close();
    assertThat(pool.isTerminated()).isTrue();
  }
}
