package dev.aioli.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The jobs that wait, the workers that take them, and the end of the pool. */
final class Dispatcher {
  /** How many starts in a row fail before the pool gives up. */
  private static final int MOST_FAILED_STARTS = 3;

  private enum State {
    OPEN,
    /** Takes no jobs, runs those that wait. */
    CLOSING,
    /** Takes no jobs and has none waiting. */
    STOPPING
  }

  private final Settings settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition mayTake = lock.newCondition();
  private final Condition ended = lock.newCondition();

  // Guarded by the lock.
  private final LinkedHashSet<JobFuture<?>> waiting = new LinkedHashSet<>();
  private final Set<JobFuture<?>> taken = new HashSet<>();
  private final Set<WorkerProcess> processes = new HashSet<>();
  private State state = State.OPEN;
  private int workers;
  private int idleWorkers;
  private int workersCreated;
  private int failedStarts;
  private @Nullable BrokenProcessPoolException broken;

  Dispatcher(Settings settings) {
    this.settings = settings;
  }

  Settings settings() {
    return settings;
  }

  // ---- jobs

  /** Queues a job and sees to it that somebody takes it. */
  void submit(JobFuture<?> job) {
    lock.lock();
    try {
      checkOpen();
    } finally {
      lock.unlock();
    }
    if (job.serialize()) { // outside of the lock: that may take long
      enqueue(job);
      var _ = job.whenComplete((result, error) -> completed(job));
    }
  }

  private void enqueue(JobFuture<?> job) {
    Worker fresh = null;
    lock.lock();
    try {
      checkOpen();
      waiting.add(job);
      if (waiting.size() > idleWorkers && workers < settings.size()) {
        workers++;
        fresh = new Worker(this, ++workersCreated);
      } else {
        mayTake.signal();
      }
    } finally {
      lock.unlock();
    }
    if (fresh != null) {
      fresh.start();
    }
  }

  private void checkOpen() {
    if (broken != null) {
      throw new BrokenProcessPoolException(String.valueOf(broken.getMessage()), broken);
    }
    if (state != State.OPEN) {
      throw new RejectedExecutionException("the pool has been shut down: " + this);
    }
  }

  private void completed(JobFuture<?> job) {
    lock.lock();
    try {
      if (!waiting.remove(job)) {
        taken.remove(job);
      }
    } finally {
      lock.unlock();
    }
    job.completed();
  }

  /** The next job for a worker, which waits for it; null if the worker is to end. */
  @Nullable JobFuture<?> take() {
    Duration idleTimeout = settings.idleTimeout();
    long nanosLeft = idleTimeout == null ? Long.MAX_VALUE : idleTimeout.toNanos();
    lock.lock();
    try {
      while (true) {
        if (!waiting.isEmpty()) {
          JobFuture<?> job = waiting.removeFirst();
          taken.add(job);
          return job;
        }
        if (state != State.OPEN || nanosLeft <= 0) {
          workers--; // at once, so that a job that comes now starts another one
          return null;
        }
        idleWorkers++;
        try {
          nanosLeft = mayTake.awaitNanos(nanosLeft);
        } catch (InterruptedException e) {
          // Nobody has a reason to; the pool ends by its state.
        } finally {
          idleWorkers--;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- processes

  /** Makes a starting process known, so that it can be killed. */
  void processStarted(WorkerProcess process) {
    lock.lock();
    try {
      processes.add(process);
    } finally {
      lock.unlock();
    }
  }

  void processEnded(WorkerProcess process) {
    lock.lock();
    try {
      processes.remove(process);
      signalIfEnded();
    } finally {
      lock.unlock();
    }
  }

  void startSucceeded() {
    lock.lock();
    try {
      failedStarts = 0;
    } finally {
      lock.unlock();
    }
  }

  /** Counts a failed start; after too many in a row all waiting jobs fail, and false is said. */
  boolean mayStartAgain(Throwable failure) {
    List<JobFuture<?>> lost;
    BrokenProcessPoolException reason;
    lock.lock();
    try {
      if (++failedStarts < MOST_FAILED_STARTS) {
        return true;
      }
      reason =
          new BrokenProcessPoolException(
              "no worker process can be started: " + failure.getMessage(), failure);
      broken = reason;
      lost = new ArrayList<>(waiting);
      waiting.clear();
      state = State.STOPPING;
      mayTake.signalAll();
    } finally {
      lock.unlock();
    }
    lost.forEach(job -> job.completeExceptionally(reason));
    return false;
  }

  /** A worker's thread is at its end. */
  void workerEnded() {
    lock.lock();
    try {
      signalIfEnded();
    } finally {
      lock.unlock();
    }
  }

  // ---- the end

  /** Takes no more jobs. */
  void shutdown() {
    lock.lock();
    try {
      if (state == State.OPEN) {
        state = State.CLOSING;
      }
      mayTake.signalAll();
      signalIfEnded();
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more jobs and cancels those that wait. */
  List<Runnable> shutdownAndDrop() {
    List<JobFuture<?>> dropped;
    lock.lock();
    try {
      state = State.STOPPING;
      dropped = new ArrayList<>(waiting);
      waiting.clear();
      mayTake.signalAll();
      signalIfEnded();
    } finally {
      lock.unlock();
    }
    List<Runnable> unstarted = new ArrayList<>();
    for (JobFuture<?> job : dropped) {
      unstarted.add(job.unstarted());
      job.cancel(true);
    }
    return unstarted;
  }

  /** The jobs that workers have taken. */
  List<JobFuture<?>> takenJobs() {
    lock.lock();
    try {
      return new ArrayList<>(taken);
    } finally {
      lock.unlock();
    }
  }

  /** The processes that live. */
  List<WorkerProcess> liveProcesses() {
    lock.lock();
    try {
      return new ArrayList<>(processes);
    } finally {
      lock.unlock();
    }
  }

  boolean isShutdown() {
    lock.lock();
    try {
      return state != State.OPEN;
    } finally {
      lock.unlock();
    }
  }

  boolean isTerminated() {
    lock.lock();
    try {
      return hasEnded();
    } finally {
      lock.unlock();
    }
  }

  boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long nanos = unit.toNanos(timeout);
    lock.lockInterruptibly();
    try {
      while (!hasEnded()) {
        if (nanos <= 0) {
          return false;
        }
        nanos = ended.awaitNanos(nanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean hasEnded() {
    return state != State.OPEN && workers == 0 && processes.isEmpty();
  }

  private void signalIfEnded() {
    if (hasEnded()) {
      ended.signalAll();
    }
  }

  @Override
  public String toString() {
    lock.lock();
    try {
      return (broken != null
              ? "broken"
              : hasEnded() ? "terminated" : state.name().toLowerCase(Locale.ROOT))
          + ", processes = "
          + processes.size()
          + " of "
          + settings.size()
          + ", running = "
          + taken.size()
          + ", waiting = "
          + waiting.size();
    } finally {
      lock.unlock();
    }
  }
}
