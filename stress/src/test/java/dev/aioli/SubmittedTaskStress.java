package dev.aioli;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** A submitted task has one outcome, and whoever waits for its end sees it. */
final class SubmittedTaskStress {
  /** Start, the step, its done callback, a cancellation; and one to spare. */
  private static final int ITERATIONS = 5;

  private SubmittedTaskStress() {}

  /** A loop, a task for it, and what its dependents were told. */
  abstract static class Submitted {
    final EventLoop loop = Loops.newLoop();
    final SubmittedTask<String> task = new SubmittedTask<>(loop, this::body);
    private final AtomicReference<String> told = new AtomicReference<>("nothing");

    Submitted() {
      task.whenComplete((result, exception) -> tell(describe(result, exception)));
    }

    String body() {
      return "result";
    }

    private static String describe(String result, Throwable exception) {
      if (exception == null) {
        return result;
      }
      return exception.getMessage() == null ? "cancelled" : "closed";
    }

    private void tell(String outcome) {
      if (!told.compareAndSet("nothing", outcome)) {
        told.set("TWICE");
      }
    }

    final String submit() {
      try {
        task.submit();
        return "accepted";
      } catch (IllegalStateException e) {
        return "refused";
      }
    }

    final String cancel() {
      try {
        return task.cancel(false) ? "cancelled" : "unchanged";
      } catch (RuntimeException e) {
        return e.toString();
      }
    }

    final void judge(LLL_Result result) {
      try {
        result.r2 = told.get();
        result.r3 = task.awaitTermination(0, TimeUnit.NANOSECONDS) ? "ended" : "NOT ENDED";
      } catch (InterruptedException e) {
        result.r3 = e.toString();
      }
    }
  }

  @JCStressTest
  @Outcome(id = "cancelled, cancelled, ended", expect = Expect.ACCEPTABLE, desc = "Cancelled first")
  @Outcome(id = "unchanged, result, ended", expect = Expect.ACCEPTABLE, desc = "Completed first")
  @State
  public static class CancelAndComplete extends Submitted {
    public CancelAndComplete() {
      submit();
    }

    @Actor
    public void loop() {
      Loops.iterate(loop, ITERATIONS);
    }

    @Actor
    public void canceller(LLL_Result result) {
      result.r1 = cancel();
    }

    @Arbiter
    public void end(LLL_Result result) {
      Loops.iterate(loop, ITERATIONS);
      loop.close();
      judge(result);
    }
  }

  @JCStressTest
  @Outcome(id = "cancelled, cancelled, ended", expect = Expect.ACCEPTABLE, desc = "Cancelled first")
  @Outcome(
      id = "cancelled, closed, ended",
      expect = Expect.ACCEPTABLE,
      desc = "Dropped first; that too is a CancellationException, so cancel says true")
  @State
  public static class CancelAndClose extends Submitted {
    public CancelAndClose() {
      submit();
    }

    @Actor
    public void loop() {
      loop.close();
    }

    @Actor
    public void canceller(LLL_Result result) {
      result.r1 = cancel();
    }

    @Arbiter
    public void end(LLL_Result result) {
      judge(result);
    }
  }

  /** The task has begun, and waits. */
  @JCStressTest
  @Outcome(
      id = "cancelled, cancelled, ended",
      expect = Expect.ACCEPTABLE,
      desc = "Whoever was first")
  @State
  public static class CancelAndCloseOfWaiting extends Submitted {
    public CancelAndCloseOfWaiting() {
      loop.setExceptionHandler((_, _) -> {}); // it is told of the pending task
      submit();
      Loops.iterate(loop, 2);
    }

    @Override
    String body() {
      return loop.<String>createFuture().await();
    }

    @Actor
    public void loop() {
      loop.close();
    }

    @Actor
    public void canceller(LLL_Result result) {
      result.r1 = cancel();
    }

    @Arbiter
    public void end(LLL_Result result) {
      judge(result);
    }
  }

  @JCStressTest
  @Outcome(
      id = "accepted, closed, ended",
      expect = Expect.ACCEPTABLE,
      desc = "Accepted and dropped")
  @Outcome(id = "refused, nothing, NOT ENDED", expect = Expect.ACCEPTABLE, desc = "Never began")
  @State
  public static class SubmitAndClose extends Submitted {
    @Actor
    public void loop() {
      loop.close();
    }

    @Actor
    public void submitter(LLL_Result result) {
      result.r1 = submit();
    }

    @Arbiter
    public void end(LLL_Result result) {
      judge(result);
    }
  }
}
