package dev.aioli.process;

import java.io.IOException;
import java.lang.System.Logger.Level;
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

  /** A daemon: a pool that nobody closed does not keep the JVM from ending. */
  void start() {
    Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name(name).start(this);
  }

  @Override
  public void run() {
    try {
      for (JobFuture<?> job = dispatcher.take(); job != null; job = dispatcher.take()) {
        try {
          run(job);
        } catch (Throwable e) { // out of memory, most likely
          job.detach();
          drop();
          job.completeExceptionally(e);
        }
      }
    } finally {
      WorkerProcess last = process;
      if (last != null) {
        last.retire();
      }
      dispatcher.workerEnded();
    }
  }

  private void run(JobFuture<?> job) {
    for (int attempt = 1; !job.isDone(); attempt++) {
      WorkerProcess ready;
      try {
        ready = obtain(job);
      } catch (BrokenProcessPoolException e) {
        job.completeExceptionally(e);
        return;
      }
      if (ready == null || !job.attach(ready) || runIn(ready, job, attempt)) {
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
      job.detach();
      process = null;
      WorkerExit exit = ready.awaitExit();
      if (!job.isDone() && !ready.jobArrived() && attempt < MOST_ATTEMPTS) {
        LOG.log(
            Level.WARNING,
            "A job goes to another worker, since it had not arrived: worker process {0}",
            exit.describe());
        return false;
      }
      job.completeExceptionally(new WorkerDiedException(exit));
      return true;
    }
    job.detach();
    int most = dispatcher.settings().maxJobsPerWorker();
    if (most > 0 && ready.jobsRun() >= most) {
      process = null;
      ready.retire();
    }
    if (outcome.kind() == Frames.Kind.RESULT) {
      job.succeed(outcome.payload());
    } else {
      job.fail(outcome.payload());
    }
    return true;
  }

  /** A process that is ready for a job; null if the job is done before there is one. */
  private @Nullable WorkerProcess obtain(JobFuture<?> job) {
    WorkerProcess present = process;
    if (present != null) {
      if (present.isUsable()) {
        return present;
      }
      process = null;
      WorkerExit exit = present.awaitExit();
      if (!present.wasKilled()) {
        LOG.log(Level.WARNING, "Idle worker process {0}", exit.describe());
      }
    }
    while (!job.isDone()) {
      try {
        WorkerProcess fresh = WorkerProcess.start(dispatcher, name);
        dispatcher.startSucceeded();
        process = fresh;
        return fresh;
      } catch (IOException e) {
        if (!job.isDone() && !dispatcher.mayStartAgain(e)) {
          throw new BrokenProcessPoolException(
              "no worker process can be started: " + e.getMessage(), e);
        }
      }
    }
    return null;
  }

  private void drop() {
    WorkerProcess present = process;
    if (present != null) {
      process = null;
      present.kill();
    }
  }
}
