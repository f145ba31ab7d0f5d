package dev.aioli.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The jobs that wait, the workers that take them, and the end of the pool. */
final class Dispatcher {
  /** How many starts in a row fail before the pool gives up. */
  private static final int MOST_FAILED_STARTS = 3;

  /** What is waited for after a start for which something was short; each time twice as long. */
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /** The pool that the current thread serves: the thread of a worker, or one that reads output. */
  private static final ThreadLocal<@Nullable Dispatcher> SERVED = new ThreadLocal<>();

  private enum State {
    OPEN,
    /** Takes no jobs, runs those that wait. */
    CLOSING,
    /** Takes no jobs and has none waiting; those that workers have taken are run. */
    BROKEN,
    /** Starts no job and no process any more. */
    STOPPING
  }

  private final Settings settings;
  private final Host host;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition mayTake = lock.newCondition();
  private final Condition mayStart = lock.newCondition();
  private final Condition ended = lock.newCondition();

  // Guarded by the lock.
  private final LinkedHashSet<JobFuture<?>> waiting = new LinkedHashSet<>();
  private final Set<JobFuture<?>> taken = new LinkedHashSet<>();
  private final Set<WorkerProcess> processes = new HashSet<>();
  private State state = State.OPEN;
  private int workers;
  private int idleWorkers;
  private int workersCreated;
  private int failedStarts;
  private boolean isShort;
  private long shortSinceNanos;
  private @Nullable BrokenProcessPoolException broken;

  Dispatcher(Settings settings, Host host) {
    this.settings = settings;
    this.host = host;
  }

  Settings settings() {
    return settings;
  }

  Host host() {
    return host;
  }

  // ---- threads

  /**
   * Starts a thread that serves this pool.
   *
   * @throws OutOfMemoryError if the system has no more threads
   */
  void startThread(String name, Runnable body) {
    host.startThread(
        name,
        () -> {
          SERVED.set(this);
          body.run();
        });
  }

  /**
   * Refuses to have a thread of the pool wait for the pool.
   *
   * @throws IllegalStateException if it is one
   */
  void checkMayWait(Object subject) {
    if (SERVED.get() == this) {
      throw new IllegalStateException(
          "expected a thread of the program's own, was "
              + Thread.currentThread().getName()
              + ", which serves the pool and would wait for itself at "
              + SafeText.of(subject)
              + "; in an action on a job's future use thenCompose for what follows, or thenApplyAsync"
              + " and the like to wait or to close the pool");
    }
  }

  void checkMayWaitFor(CompletableFuture<?> future) {
    if (!future.isDone()) {
      checkMayWait(future);
    }
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
    }
  }

  private void enqueue(JobFuture<?> job) {
    lock.lock();
    try {
      checkOpen();
      waiting.add(job);
      if (waiting.size() <= idleWorkers || workers == settings.size() || !startWorker(job)) {
        mayTake.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Starts a thread for one more worker; false if there is none to be had and the workers that
   * there are have to do. The lock is held: it starts nothing before the job is in the queue.
   *
   * @throws RejectedExecutionException if there are no workers
   */
  private boolean startWorker(JobFuture<?> job) {
    Worker fresh = new Worker(this, workersCreated + 1);
    try {
      startThread(fresh.name(), fresh);
    } catch (Throwable e) { // counted only once it runs: nothing is to be taken back
      if (workers > 0) {
        return false;
      }
      waiting.remove(job);
      throw new RejectedExecutionException(
          "no thread can be started for a worker, so the job was not taken; try again later: "
              + this,
          e);
    }
    workersCreated++;
    workers++;
    return true;
  }

  private void checkOpen() {
    if (broken != null) {
      throw new BrokenProcessPoolException(String.valueOf(broken.getMessage()), broken);
    }
    if (state != State.OPEN) {
      throw new RejectedExecutionException("the pool has been shut down: " + this);
    }
  }

  /** Somebody else than a worker completes a job. */
  void abandoned(JobFuture<?> job) {
    lock.lock();
    try {
      waiting.remove(job);
      mayStart.signalAll(); // if it waits for its worker to start
    } finally {
      lock.unlock();
    }
  }

  /** A worker is done with a job. */
  void ended(JobFuture<?> job) {
    lock.lock();
    try {
      taken.remove(job);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next job for a worker, which waits for it.
   *
   * @param idleTimeout how long; null for as long as it takes
   * @return null if there is none, since the time is over or the pool closes
   */
  @Nullable JobFuture<?> take(@Nullable Duration idleTimeout) {
    long nanosLeft = idleTimeout == null ? Long.MAX_VALUE : idleTimeout.toNanos();
    lock.lock();
    try {
      while (true) {
        if (!waiting.isEmpty()) {
          JobFuture<?> job = waiting.getFirst();
          taken.add(job);
          waiting.removeFirst();
          return job;
        }
        if (state != State.OPEN || nanosLeft <= 0) {
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

  /** The end of a worker, unless a job has come that it must take. */
  boolean leave() {
    lock.lock();
    try {
      if (!waiting.isEmpty()) {
        return false;
      }
      workers--;
      signalIfEnded();
      return true;
    } finally {
      lock.unlock();
    }
  }

  // ---- processes

  /** Makes a starting process known, so that it can be killed. False if it is to be at once. */
  boolean processStarted(WorkerProcess process) {
    lock.lock();
    try {
      processes.add(process);
      return state != State.STOPPING;
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

  /** Whether a process may be started for a job. If not, the job is completed. */
  boolean mayStartFor(JobFuture<?> job) {
    boolean stopping;
    BrokenProcessPoolException reason;
    lock.lock();
    try {
      stopping = state == State.STOPPING;
      reason = broken;
    } finally {
      lock.unlock();
    }
    if (stopping) {
      job.cancel(true); // like those that wait
    } else if (reason != null) {
      job.fail(reason);
    }
    return !job.isOver();
  }

  /** Binds a job to the process that is to run it. False if the job is over, which it then is. */
  boolean begin(JobFuture<?> job, WorkerProcess process) {
    lock.lock();
    try {
      if (state != State.STOPPING) {
        return job.attach(process);
      }
    } finally {
      lock.unlock();
    }
    job.cancel(true);
    return false;
  }

  void startSucceeded() {
    lock.lock();
    try {
      failedStarts = 0;
      isShort = false;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Counts a failed start. After too many in a row all waiting jobs fail; while something is short
   * that may be there again, the time counts, and this waits before the next start.
   *
   * @param inARow how many starts have failed for this job
   */
  void startFailed(JobFuture<?> job, StartException failure, int inARow) {
    List<JobFuture<?>> lost = List.of();
    BrokenProcessPoolException reason;
    lock.lock();
    try {
      if (state == State.STOPPING || broken != null || job.isOver()) {
        return; // it may have been killed for that
      }
      if (failure.mayPass() ? mayWaitForMore() : ++failedStarts < MOST_FAILED_STARTS) {
        if (failure.mayPass()) {
          pauseBeforeStart(job, inARow);
        }
        return;
      }
      reason = new BrokenProcessPoolException(describe(failure), failure);
      broken = reason;
      lost = new ArrayList<>(waiting);
      waiting.clear();
      state = State.BROKEN;
      mayTake.signalAll();
      mayStart.signalAll();
    } finally {
      lock.unlock();
    }
    lost.forEach(waiter -> waiter.fail(reason));
  }

  /** Other workers that live free something one day; without any the time is limited. */
  private boolean mayWaitForMore() {
    long now = System.nanoTime();
    if (!isShort || processes.stream().anyMatch(WorkerProcess::isReady)) {
      isShort = true;
      shortSinceNanos = now;
    }
    return now - shortSinceNanos < host.patience().toNanos();
  }

  private void pauseBeforeStart(JobFuture<?> job, int inARow) {
    long nanos =
        Math.min(LONGEST_PAUSE.toNanos(), FIRST_PAUSE.toNanos() << Math.min(inARow - 1, 10));
    while (nanos > 0 && state != State.STOPPING && broken == null && !job.isOver()) {
      try {
        nanos = mayStart.awaitNanos(nanos);
      } catch (InterruptedException e) {
        return; // nobody has a reason to
      }
    }
  }

  private String describe(StartException failure) {
    return "no worker process can be started ("
        + (failure.mayPass()
            ? "tried for " + host.patience().toSeconds() + " s"
            : failedStarts + " starts in a row have failed")
        + "), and this pool takes no more jobs; mend the cause and make a new pool: "
        + failure.getMessage();
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

  /**
   * Takes no more jobs and starts none: cancels those that have not begun, wherever they are.
   *
   * @return those, each to be run here
   */
  List<Runnable> stop() {
    List<JobFuture<?>> dropped;
    lock.lock();
    try {
      state = State.STOPPING;
      dropped = new ArrayList<>();
      for (JobFuture<?> job : taken) {
        if (!job.hasBegun()) {
          dropped.add(job); // its worker starts, or is to be replaced
        }
      }
      dropped.addAll(waiting);
      waiting.clear();
      mayTake.signalAll();
      mayStart.signalAll();
      signalIfEnded();
    } finally {
      lock.unlock();
    }
    List<Runnable> unstarted = new ArrayList<>();
    for (JobFuture<?> job : dropped) {
      if (!job.isOver()) {
        unstarted.add(job.unstarted());
      }
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
        checkMayWait(this);
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
