package dev.aioli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/** A worker that dies fails the job that it runs, if it runs one, and nobody else. */
@Timeout(600)
@ExtendWith(NoProcessLeft.class)
class WorkerDeathTest {
  /** How often a worker is killed at each stage: a JVM start a time. More of it on request. */
  private static final int KILLS = Integer.getInteger("dev.aioli.stress", 25);

  private static final int ROUNDS = 5;
  private static final int LARGE = 16 * 1024 * 1024;

  private static WorkerDiedException died(JobFuture<?> job) {
    Throwable thrown = catchThrowable(() -> job.get(120, TimeUnit.SECONDS));
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    assertThat(thrown.getCause()).isInstanceOf(WorkerDiedException.class);
    return (WorkerDiedException) thrown.getCause();
  }

  @Test
  void killedWhileIdleItFailsNobody() throws Exception {
    try (var pool = ProcessPoolExecutor.create(1)) {
      long pid = pool.submit(Jobs::pid).get();
      for (int round = 0; round < KILLS; round++) {
        if (round % 2 == 0) {
          Jobs.kill(pid);
        } else { // its death may be seen before the next job, or by it
          ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
        long next = pool.submit(Jobs::pid).get();
        assertThat(next).isNotEqualTo(pid);
        pid = next;
      }
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void killedWhileItReceivesItsJobGoesToAnother() throws Exception {
    try (var pool = ProcessPoolExecutor.create(1)) {
      byte[] large = new byte[8 * 1024 * 1024];
      for (int round = 0; round < KILLS; round++) {
        long pid = pool.submit(Jobs::pid).get();
        Jobs.signal("STOP", pid);
        JobFuture<Integer> job = pool.submit(() -> large.length);
        Jobs.awaitInside(Jobs.firstWorker(), Frames.class, "send");
        Jobs.kill(pid);
        assertThat(job.get()).isEqualTo(large.length);
      }
    }
  }

  @Test
  void killedWhileItRunsAJobItFailsThatJobOnly() throws Exception {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      for (int round = 0; round < KILLS; round++) {
        JobFuture<Object> job = pool.submit(() -> Jobs.blockForEver());
        JobFuture<Integer> next = pool.submit(() -> 7);
        long pid = output.nextNumber();
        Jobs.kill(pid);
        WorkerDiedException died = died(job);
        assertThat(died.exitStatus()).isEqualTo(137);
        assertThat(died.pid()).isEqualTo(pid);
        assertThat(died).hasMessageContaining("137 (killed, signal 9)");
        assertThat(next.get()).isEqualTo(7);
      }
    }
  }

  @Test
  void killedWhileItSendsAResultItFailsThatJobOnly() throws Exception {
    try (var pool = ProcessPoolExecutor.create(1)) {
      int deaths = 0;
      while (deaths < KILLS) {
        JobFuture<byte[]> job =
            pool.submit(() -> {
              Thread sender = Thread.currentThread();
              Thread.ofPlatform()
                  .daemon()
                  .start(() -> {
                    Jobs.awaitInside(sender, Frames.class, "send");
                    Runtime.getRuntime().halt(9);
                  });
              return new byte[LARGE];
            });
        try {
          assertThat(job.get(120, TimeUnit.SECONDS)).hasSize(LARGE);
          awaitLateKill(pool);
        } catch (ExecutionException e) {
          assertThat(e).hasCauseInstanceOf(WorkerDiedException.class);
          assertThat(((WorkerDiedException) e.getCause()).exitStatus()).isEqualTo(9);
          assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
          deaths++;
        }
      }
    }
  }

  /** The result was sent before the killer saw it: it takes the next one that it sees. */
  private static void awaitLateKill(ProcessPoolExecutor pool) {
    long pid = pool.workerPids().getFirst();
    while (Jobs.isAlive(pid)) {
      pool.submit(() -> 7).exceptionally(killed -> 7).join();
    }
  }

  @Test
  void systemExitFailsTheJobWithTheStatusAndTheLastWords() throws Exception {
    try (var pool = ProcessPoolExecutor.builder().size(1).standardError(new Lines()).build()) {
      JobFuture<?> job =
          pool.submit(() -> {
            System.err.println("first words");
            System.err.println("x".repeat(10_000));
            System.err.print("last words, grüß dich");
            System.exit(42);
          });
      WorkerDiedException died = died(job);
      assertThat(died.exitStatus()).isEqualTo(42);
      assertThat(died.errorTail()).endsWith("last words, grüß dich").hasSizeLessThanOrEqualTo(4096);
      assertThat(died).hasMessageContaining("last words");
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    }
  }

  @Test
  void outOfMemoryFailsTheJobOnly() throws Exception {
    try (var pool =
        ProcessPoolExecutor.builder()
            .size(1)
            .jvmOptions("-Xmx32m")
            .standardError(new Lines())
            .build()) {
      JobFuture<Integer> job =
          pool.submit(() -> {
            List<byte[]> all = new ArrayList<>();
            while (true) {
              all.add(new byte[1 << 20]);
            }
          });
      WorkerDiedException died = died(job);
      assertThat(died.exitStatus()).isEqualTo(3);
      assertThat(died.errorTail()).contains("OutOfMemoryError");
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    }
  }

  @Test
  void anArgumentThatIsTooLargeForTheWorkerFailsTheJobOnly() throws Exception {
    try (var pool =
        ProcessPoolExecutor.builder()
            .size(1)
            .jvmOptions("-Xmx32m")
            .standardError(new Lines())
            .build()) {
      byte[] large = new byte[64 * 1024 * 1024];
      assertThat(died(pool.submit(() -> large.length)).exitStatus()).isEqualTo(3);
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aNativeCrashFailsTheJobOnly() throws Exception {
    Lines output = new Lines(); // where the JVM says how it crashed
    try (var pool =
        ProcessPoolExecutor.builder()
            .size(1)
            .jvmOptions("-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null")
            .standardOutput(output)
            .build()) {
      JobFuture<Object> job =
          pool.submit(() -> {
            Jobs.signal("SEGV", Jobs.pid());
            return Jobs.blockForEver();
          });
      WorkerDiedException died = died(job);
      assertThat(died.exitStatus()).isEqualTo(1); // 134 with a core dump
      String line = output.next();
      while (!line.contains("SIGSEGV")) {
        line = output.next();
      }
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    }
  }

  @Test
  void cancelKillsAJobThatBlocksForEver() throws Exception {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      for (int round = 0; round < ROUNDS; round++) {
        JobFuture<Object> job = pool.submit(() -> Jobs.blockForEver());
        JobFuture<Integer> next = pool.submit(() -> 7);
        long pid = output.nextNumber();
        assertThat(job.cancel(true)).isTrue();
        assertThatThrownBy(job::get).isInstanceOf(CancellationException.class);
        Jobs.awaitEnd(pid);
        assertThat(next.get()).isEqualTo(7);
      }
    }
  }

  @Test
  void aTimeLimitKillsTheJob() throws Exception {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      JobFuture<Object> job = pool.submit(() -> Jobs.blockForEver());
      long pid = output.nextNumber();
      CompletableFuture<Object> limited = job.orTimeout(1, TimeUnit.MILLISECONDS);
      assertThatThrownBy(limited::get)
          .hasCauseInstanceOf(java.util.concurrent.TimeoutException.class);
      Jobs.awaitEnd(pid);
    }
  }

  @Test
  void aCancelledJobMayFinishIfThePoolSaysSo() throws Exception {
    Lines output = new Lines();
    try (var pool =
        ProcessPoolExecutor.builder()
            .size(1)
            .finishCancelledJobs(true)
            .standardOutput(output)
            .build()) {
      long pid = pool.submit(Jobs::pid).get();
      JobFuture<?> job = pool.submit(WorkerDeathTest::printTwice);
      assertThat(output.next()).isEqualTo("begin");
      job.cancel(true);
      assertThat(output.next()).isEqualTo("end");
      assertThat(pool.submit(Jobs::pid).get()).isEqualTo(pid);
    }
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      long pid = pool.submit(Jobs::pid).get();
      JobFuture<?> job = pool.submit(WorkerDeathTest::printTwice);
      assertThat(output.next()).isEqualTo("begin");
      job.cancel(false);
      assertThat(output.next()).isEqualTo("end");
      assertThat(pool.submit(Jobs::pid).get()).isEqualTo(pid);
    }
  }

  private static void printTwice() {
    System.out.println("begin");
    long end = System.nanoTime() + Duration.ofMillis(100).toNanos();
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    System.out.println("end");
  }

  @Test
  void aCancelledJobThatWaitsNeverRuns() throws Exception {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      JobFuture<Object> first = pool.submit(() -> Jobs.blockForEver());
      output.next();
      List<JobFuture<?>> waiting = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        waiting.add(pool.submit(() -> System.out.println("ran")));
      }
      waiting.forEach(job -> job.cancel(true));
      assertThat(pool.toString()).contains("waiting = 0");
      first.cancel(true);
      pool.submit(() -> System.out.println("last"));
      assertThat(output.next()).isEqualTo("last");
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aGrandchildThatHoldsThePipesDelaysNothing() throws Exception {
    Lines output = new Lines();
    long grandchild;
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      JobFuture<Object> job =
          pool.submit(() -> {
            Process sleep = new ProcessBuilder("sleep", "600").inheritIO().start();
            System.out.println(sleep.pid());
            Runtime.getRuntime().halt(5);
            return null;
          });
      grandchild = output.nextNumber();
      assertThat(died(job).exitStatus()).isEqualTo(5);
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    }
    assertThat(Jobs.isAlive(grandchild)).isTrue();
    Jobs.kill(grandchild);
  }

  @Test
  void ofThousandsOfJobsExactlyTheKilledOnesFail() throws Exception {
    Lines output = new Lines();
    int count = 100 * Math.max(100, KILLS);
    try (var pool = ProcessPoolExecutor.builder().size(2).standardOutput(output).build()) {
      CountDownLatch kills = new CountDownLatch(count / 100);
      Thread killer =
          Thread.startVirtualThread(() -> {
            try {
              while (kills.getCount() > 0) {
                Jobs.kill(output.nextNumber());
                kills.countDown();
              }
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
      List<JobFuture<Integer>> jobs = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        jobs.add(pool.submit(() -> number % 100 == 50 ? Jobs.blockForEver() : number));
      }
      for (int i = 0; i < count; i++) {
        if (i % 100 == 50) {
          assertThat(died(jobs.get(i)).exitStatus()).isEqualTo(137);
        } else {
          assertThat(jobs.get(i).get(120, TimeUnit.SECONDS)).isEqualTo(i);
        }
      }
      killer.join();
    }
  }
}
