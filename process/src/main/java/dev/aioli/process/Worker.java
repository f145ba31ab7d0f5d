package dev.aioli.process;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A thread that takes jobs and has a worker process run them, one process after the other: a fresh
 * one when there is none, when the last one died or was killed, and when it has done its share.
 */
final class Worker implements Runnable {
  private static final System.Logger LOG = System.getLogger("dev.aioli.process");

  /** How many workers a job may lose before it arrived, until the job itself is under suspicion. */
  private static final int MOST_ATTEMPTS = 3;

  private final Dispatcher dispatcher;
  private final String name;
  private @Nullable WorkerProcess process;

  Worker(Dispatcher dispatcher, int number) {
    this.dispatcher = dispatcher;
    this.name = "aioli-process-" + number;
  }

  String name() {
    return name;
  }

  @Override
  public void run() {
    do {
      Duration idleTimeout = dispatcher.settings().idleTimeout();
      for (JobFuture<?> job = dispatcher.take(idleTimeout);
          job != null;
          job = dispatcher.take(idleTimeout)) {
        serve(job);
      }
      endProcess(); // it counts until it is gone
    } while (!dispatcher.leave());
  }

  private void serve(JobFuture<?> job) {
    try {
      run(job);
    } catch (Throwable e) { // out of memory, most likely
      drop();
      job.fail(e);
    } finally {
      dispatcher.ended(job);
    }
  }

  private void run(JobFuture<?> job) {
    for (int attempt = 1; !job.isOver(); attempt++) {
      WorkerProcess ready = obtain(job);
      if (ready == null || !dispatcher.begin(job, ready) || runIn(ready, job, attempt)) {
        return;
      }
    }
  }

  /** False if the process died before the job had arrived. */
  private boolean runIn(WorkerProcess ready, JobFuture<?> job, int attempt) {
    Frames.Frame outcome;
    try {
      outcome = ready.run(job.payload());
    } catch (IOException e) {
      process = null;
      WorkerExit exit = ready.awaitExit();
      if (!job.isOver() && !ready.jobArrived() && attempt < MOST_ATTEMPTS) {
        job.detachUnarrived();
        LOG.log(
            Level.WARNING,
            "A job goes to another worker, since it had not arrived: worker process {0}",
            exit.describe());
        return false;
      }
      job.fail(new WorkerDiedException(exit));
      return true;
    }
    job.detach();
    int most = dispatcher.settings().maxJobsPerWorker();
    if (most > 0 && ready.jobsRun() >= most) {
      ready.retire();
    }
    if (outcome.kind() == Frames.Kind.RESULT) {
      job.succeed(outcome.payload());
    } else {
      job.fail(outcome.payload());
    }
    return true;
  }

  /** A process that is ready for a job; null if the job is over before there is one. */
  private @Nullable WorkerProcess obtain(JobFuture<?> job) {
    WorkerProcess present = process;
    if (present != null && present.isUsable()) {
      return present;
    }
    endProcess();
    for (int attempt = 1; dispatcher.mayStartFor(job); attempt++) {
      try {
        WorkerProcess fresh = WorkerProcess.start(dispatcher, name);
        dispatcher.startSucceeded();
        process = fresh;
        return fresh;
      } catch (StartException e) {
        dispatcher.startFailed(job, e, attempt);
      }
    }
    return null;
  }

  /** Waits until the process is gone, so that there are never more than the pool may have. */
  private void endProcess() {
    WorkerProcess present = process;
    if (present != null) {
      process = null;
      boolean diedAlone = present.isDeadByItself();
      WorkerExit exit = present.awaitExit();
      if (diedAlone) {
        LOG.log(Level.WARNING, "Idle worker process {0}", exit.describe());
      }
    }
  }

  private void drop() {
    WorkerProcess present = process;
    if (present != null) {
      process = null;
      present.kill();
    }
  }
}
