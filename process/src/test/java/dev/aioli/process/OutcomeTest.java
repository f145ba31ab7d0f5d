package dev.aioli.process;

import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.runInExecutor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Future.State;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a job throws is how it failed, whatever its type, as with a pool of threads. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class OutcomeTest {
  private final ProcessPoolExecutor pool = ProcessPoolExecutor.create(1);

  @AfterEach
  void close() {
    pool.close();
  }

  private static int cancelled() {
    throw new CancellationException("by the job");
  }

  private static int completed() {
    throw new CompletionException(new IOException("disk full"));
  }

  @Test
  void aJobThatThrowsACancellationExceptionHasFailed() {
    JobFuture<Integer> job = pool.submit(() -> cancelled());
    assertThatThrownBy(job::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(CancellationException.class)
        .hasMessage("by the job");
    assertThat(job.isCancelled()).isFalse();
    assertThat(job.state()).isEqualTo(State.FAILED);
    assertThat(job.exceptionNow()).isInstanceOf(CancellationException.class);
  }

  @Test
  void itFailsTheFutureOfALoopAndCancelsNobody() {
    run(() -> {
      var job = runInExecutor(pool, Job.of(() -> cancelled()));
      assertThatThrownBy(job::await)
          .isInstanceOf(CancellationException.class)
          .hasMessage("by the job");
      assertThat(job.cancelled()).isFalse();
    });
  }

  @Test
  void itFailsWhatIsInvokedTogether() throws Exception {
    List<Callable<Integer>> jobs = List.of(Job.of(() -> cancelled()));
    assertThat(pool.invokeAll(jobs)).extracting(Future::state).containsExactly(State.FAILED);
    assertThatThrownBy(() -> pool.invokeAny(jobs))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(CancellationException.class);
    assertThatThrownBy(() -> pool.map((Integer n) -> cancelled(), List.of(1), 1).get())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(CancellationException.class);
  }

  @Test
  void aCompletionExceptionOfTheJobKeepsItsType() {
    JobFuture<Integer> job = pool.submit(() -> completed());
    assertThatThrownBy(job::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(IOException.class);
    run(() ->
        assertThatThrownBy(() -> runInExecutor(pool, Job.of(() -> completed())).await())
            .isInstanceOf(CompletionException.class)
            .hasCauseInstanceOf(IOException.class));
  }

  @Test
  void aJobThatWasCancelledIsStillCancelled() {
    JobFuture<Object> job = pool.submit(() -> Jobs.blockForEver());
    job.cancel(true);
    assertThat(job.state()).isEqualTo(State.CANCELLED);
    assertThatThrownBy(job::get).isInstanceOf(CancellationException.class);
  }
}
