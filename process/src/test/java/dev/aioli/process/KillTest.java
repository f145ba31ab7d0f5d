package dev.aioli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who completes a job's future stops the job first, whatever hangs on the future. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class KillTest {
  private final Lines output = new Lines();
  private final ProcessPoolExecutor pool =
      ProcessPoolExecutor.builder().size(1).standardOutput(output).build();

  /** All the ways to complete a future from outside. */
  enum Way {
    CANCEL(job -> job.cancel(true)),
    COMPLETE(job -> job.complete(1)),
    COMPLETE_EXCEPTIONALLY(job -> job.completeExceptionally(new IllegalStateException())),
    COMPLETE_ASYNC(job -> job.completeAsync(() -> 1)),
    COMPLETE_ASYNC_EXCEPTIONALLY(job ->
        job.completeAsync(() -> {
          throw new IllegalStateException();
        })),
    OR_TIMEOUT(job -> job.orTimeout(1, TimeUnit.NANOSECONDS)),
    COMPLETE_ON_TIMEOUT(job -> job.completeOnTimeout(1, 1, TimeUnit.NANOSECONDS)),
    OBTRUDE_VALUE(job -> job.obtrudeValue(1)),
    OBTRUDE_EXCEPTION(job -> job.obtrudeException(new IllegalStateException()));

    private final java.util.function.Consumer<JobFuture<Integer>> action;

    Way(java.util.function.Consumer<JobFuture<Integer>> action) {
      this.action = action;
    }
  }

  @ParameterizedTest
  @EnumSource
  void anActionThatWaitsForTheNextJobDoesNotHoldTheKillUp(Way way) throws Exception {
    JobFuture<Integer> job = pool.submit(() -> Jobs.blockForEver());
    long pid = output.nextNumber();
    CompletableFuture<Integer> next = new CompletableFuture<>();
    var _ = job.whenComplete((result, error) -> next.complete(pool.submit(() -> 7).join()));
    way.action.accept(job);
    Jobs.awaitEnd(pid);
    assertThat(next.get()).isEqualTo(7);
    assertThat(job.isDone()).isTrue();
    pool.close();
  }

  @Test
  void aJobThatIsCompletedWhileItWaitsIsTakenOutOfTheQueueFirst() throws Exception {
    JobFuture<Object> running = pool.submit(() -> Jobs.blockForEver());
    output.next();
    JobFuture<Integer> waiting = pool.submit(() -> 1);
    AtomicReference<String> seen = new AtomicReference<>();
    var _ = waiting.whenComplete((result, error) -> seen.set(pool.toString()));
    waiting.complete(2);
    assertThat(seen.get()).contains("running = 1, waiting = 0");
    running.cancel(true);
    pool.close();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void theProgramsThatAKilledJobHasStartedAreKilledWithIt() throws Exception {
    JobFuture<?> job =
        pool.submit(() -> {
          Process shell = new ProcessBuilder("sh", "-c", "sleep 600 & echo $!; wait").start();
          System.out.println(shell.inputReader().readLine());
          System.out.println(shell.pid());
          return Jobs.blockForEver();
        });
    long grandchild = output.nextNumber();
    long child = output.nextNumber();
    output.next();
    job.cancel(true);
    Jobs.awaitEnd(grandchild);
    Jobs.awaitEnd(child);
    pool.close();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void killWorkersKillsTheirPrograms() throws Exception {
    pool.submit(() -> {
      System.out.println(new ProcessBuilder("sleep", "600").start().pid());
      return Jobs.blockForEver();
    });
    long child = output.nextNumber();
    output.next();
    pool.killWorkers();
    Jobs.awaitEnd(child);
    pool.close();
  }

  /** An action that runs where the worker is served, since it is there before the job ends. */
  private CompletableFuture<Integer> inTheWorkersThread(Runnable action) throws Exception {
    CountDownLatch hung = new CountDownLatch(1);
    CompletableFuture<Integer> first =
        pool.submit(() -> 1)
            .thenApply(n -> {
              Jobs.awaitQuietly(hung);
              return n;
            });
    CompletableFuture<Integer> done =
        first.thenApply(n -> {
          action.run();
          return n;
        });
    hung.countDown();
    return done;
  }

  private void assertRefused(Runnable action) throws Exception {
    assertThatThrownBy(() -> inTheWorkersThread(action).join())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("aioli-process-1, which serves the pool and would wait for itself")
        .hasMessageContaining("thenCompose");
    assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    pool.close();
  }

  @Test
  void anActionMayNotCloseItsPool() throws Exception {
    assertRefused(pool::close);
  }

  @Test
  void anActionMayNotWaitForAnotherJob() throws Exception {
    assertRefused(() -> pool.submit(() -> 2).join());
  }

  @Test
  void anActionMayNotWaitForWhatFollowsOnAnotherJob() throws Exception {
    assertRefused(() -> pool.submit(() -> 2).thenApply(n -> n).thenApply(n -> n).join());
  }

  @Test
  void anActionMayNotWaitForJobsInvokedTogether() throws Exception {
    assertRefused(() -> {
      try {
        pool.invokeAny(java.util.List.of(Job.of(() -> 1)));
      } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
        throw new AssertionError(e);
      }
    });
  }

  @Test
  void anActionMayCloseTheOtherPool() throws Exception {
    var other = ProcessPoolExecutor.create(1);
    other.submit(() -> 1).get();
    assertThat(inTheWorkersThread(other::close).get()).isEqualTo(1);
    assertThat(other.isTerminated()).isTrue();
    pool.close();
  }

  @Test
  void anAsyncActionMayCloseThePool() throws Exception {
    pool.submit(() -> 1).thenRunAsync(pool::close).get();
    assertThat(pool.isTerminated()).isTrue();
  }

  @Test
  void aStreamForTheOutputMayNotCloseThePool() throws Exception {
    AtomicReference<ProcessPoolExecutor> talking = new AtomicReference<>();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    OutputStream sink =
        new OutputStream() {
          @Override
          public void write(int b) {
            try {
              talking.get().close();
              closed.complete(null);
            } catch (RuntimeException e) {
              closed.completeExceptionally(e);
            }
          }
        };
    talking.set(ProcessPoolExecutor.builder().size(1).standardOutput(sink).build());
    talking.get().submit(() -> System.out.println("x")).get();
    assertThatThrownBy(closed::get).hasCauseInstanceOf(IllegalStateException.class);
    talking.get().close();
    pool.close();
  }
}
