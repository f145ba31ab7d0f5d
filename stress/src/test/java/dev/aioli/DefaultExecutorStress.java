package dev.aioli;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** The future of {@code runInExecutor} against the worker that completes it. */
final class DefaultExecutorStress {
  private static final int ITERATIONS = 3;

  private DefaultExecutorStress() {}

  @Outcome(id = "changed, cancelled, null", expect = Expect.ACCEPTABLE, desc = "Cancelled first")
  @Outcome(id = "unchanged, result, null", expect = Expect.ACCEPTABLE, desc = "Completed first")
  @Outcome(id = ".*, .*, .*InvalidState.*", expect = Expect.FORBIDDEN, desc = "A second outcome")
  static final class Grading {}

  /** A call that waits for its worker, and the first error that nobody could receive. */
  abstract static class Call {
    final EventLoop loop = Loops.newLoop();
    private final AtomicReference<@Nullable Runnable> work = new AtomicReference<>();
    private final AtomicReference<@Nullable String> error = new AtomicReference<>();
    private final Future<String> future;

    Call() {
      loop.setExceptionHandler((running, context) -> report(context.exception()));
      future = start();
    }

    Future<String> start() {
      return loop.runInExecutor(work::set, () -> "result");
    }

    final void report(@Nullable Throwable thrown) {
      error.compareAndSet(null, String.valueOf(thrown));
    }

    final void setWork(Runnable runnable) {
      work.set(runnable);
    }

    final void workNow() {
      try {
        work.get().run();
      } catch (RuntimeException e) {
        report(e);
      }
    }

    final void cancelNow(LLL_Result result) {
      Loops.iterate(loop, 1);
      Thread.yield();
      result.r1 = future.cancel() ? "changed" : "unchanged";
      Loops.iterate(loop, 1);
    }

    final void judge(LLL_Result result) {
      Loops.iterate(loop, ITERATIONS);
      loop.close();
      result.r2 = future.cancelled() ? "cancelled" : future.done() ? future.result() : "PENDING";
      result.r3 = error.get();
    }
  }

  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class CancelAndComplete extends Call {
    @Actor
    public void worker() {
      workNow();
    }

    @Actor
    public void loop(LLL_Result result) {
      cancelNow(result);
    }

    @Arbiter
    public void end(LLL_Result result) {
      judge(result);
    }
  }

  /** Delivers without a look whether the future is done. */
  @JCStressTest
  @JCStressMeta(Grading.class)
  @State
  public static class UnguardedDeliverTwin extends Call {
    @Override
    Future<String> start() {
      Future<String> future = loop.createFuture();
      Callable<String> body = () -> "result";
      FutureTask<String> work =
          new FutureTask<>(body) {
            @Override
            protected void done() {
              if (!isCancelled()) {
                loop.callSoonThreadsafe(() -> future.setResult(resultNow()));
              }
            }
          };
      future.addDoneCallback(done -> {
        if (done.cancelled()) {
          work.cancel(false);
        }
      });
      setWork(work);
      return future;
    }

    @Actor
    public void worker() {
      workNow();
    }

    @Actor
    public void loop(LLL_Result result) {
      cancelNow(result);
    }

    @Arbiter
    public void end(LLL_Result result) {
      judge(result);
    }
  }
}
