package dev.aioli.process;

import static dev.aioli.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.Future;
import dev.aioli.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The pool as an executor of the loop. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class LoopTest {
  @Test
  void aTaskAwaitsAJob() {
    try (var pool = ProcessPoolExecutor.create(1)) {
      run(() -> {
        assertThat(runInExecutor(pool, Job.of(Jobs::pid)).await()).isNotEqualTo(Jobs.pid());
        assertThatThrownBy(() -> runInExecutor(pool, Job.of(() -> Integer.parseInt("x"))).await())
            .isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() ->
                runInExecutor(
                        pool,
                        Job.of(() -> {
                          Runtime.getRuntime().halt(9);
                          return 1;
                        }))
                    .await())
            .isInstanceOf(WorkerDiedException.class);
        assertThatThrownBy(() -> runInExecutor(pool, () -> 1).await())
            .isInstanceOf(JobSerializationException.class);
      });
    }
  }

  @Test
  void theLoopGoesOnWhileJobsRun() {
    try (var pool = ProcessPoolExecutor.create(2)) {
      run(() -> {
        List<Future<Integer>> jobs = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
          int number = i;
          jobs.add(runInExecutor(pool, Job.of(() -> number)));
        }
        int turns = 0;
        Future<List<Integer>> all = gatherFuture(jobs);
        while (!all.done()) {
          sleep(Duration.ofMillis(1));
          turns++;
        }
        assertThat(turns).isPositive();
        assertThat(all.await()).isEqualTo(IntStream.range(0, 500).boxed().toList());
      });
    }
  }

  @Test
  void cancellingTheTaskKillsTheWorkerOfItsJob() {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      run(() -> {
        for (int round = 0; round < 5; round++) {
          Task<Object> task =
              createTask(() -> runInExecutor(pool, Job.of(() -> Jobs.blockForEver())).await());
          long pid = toThread(output::nextNumber);
          task.cancel();
          assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
          toThread(() -> {
            Jobs.awaitEnd(pid);
            return null;
          });
          assertThat(runInExecutor(pool, Job.of(() -> 7)).await()).isEqualTo(7);
        }
      });
    }
  }

  @Test
  void aTimeoutKillsTheWorkerOfTheJob() {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      run(() -> {
        Future<Object> job = runInExecutor(pool, Job.of(() -> Jobs.blockForEver()));
        long pid = toThread(output::nextNumber);
        assertThatThrownBy(() -> waitFor(job, Duration.ofMillis(1)))
            .isInstanceOf(dev.aioli.TimeoutException.class);
        toThread(() -> {
          Jobs.awaitEnd(pid);
          return null;
        });
      });
    }
  }

  @Test
  void cancellingTheTaskOfAJobThatWaitsTakesItOutOfTheQueue() {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      run(() -> {
        Future<Object> running = runInExecutor(pool, Job.of(() -> Jobs.blockForEver()));
        Future<Integer> waiting = runInExecutor(pool, Job.of(() -> 1));
        toThread(output::next);
        waiting.cancel();
        sleep(Duration.ZERO);
        assertThat(pool.toString()).contains("running = 1, waiting = 0");
        running.cancel();
      });
    }
  }

  @Test
  void thePoolsEndCancelsWhatATaskAwaits() {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      run(() -> {
        Future<Object> running = runInExecutor(pool, Job.of(() -> Jobs.blockForEver()));
        Future<Integer> waiting = runInExecutor(pool, Job.of(() -> 1));
        toThread(output::next);
        pool.shutdownNow();
        assertThatThrownBy(running::await).isInstanceOf(CancelledError.class);
        assertThatThrownBy(waiting::await).isInstanceOf(CancelledError.class);
      });
    }
  }

  @Test
  void aLoopThatClosesWithJobsUnderWayLeavesThePoolUsable() throws Exception {
    try (var pool = ProcessPoolExecutor.create(1)) {
      for (int round = 0; round < 20; round++) {
        run(() -> {
          for (int i = 0; i < 5; i++) {
            runInExecutor(pool, Job.of(() -> 1));
          }
        });
      }
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    }
  }

  @Test
  void theDefaultExecutorIsOfThreads() {
    try (var pool = ProcessPoolExecutor.create(1)) {
      run(() ->
          assertThatThrownBy(() -> getRunningLoop().setDefaultExecutor(pool))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("threads"));
    }
  }
}
