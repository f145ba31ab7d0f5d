package dev.aioli.process;

import dev.aioli.lowlevel.JobExecutor;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * An executor whose workers are JVMs of their own. As {@code
 * concurrent.futures.ProcessPoolExecutor}.
 *
 * <p>Threads do what it does faster; it is for what they cannot do. Code that crashes, leaks, eats
 * memory or calls native libraries that do, takes only its own job down. A job that never ends is
 * really killed when it is cancelled. A limit of memory is one of {@link
 * ProcessPoolBuilder#jvmOptions}.
 *
 * <pre>{@code
 * try (var pool = ProcessPoolExecutor.create(4)) {
 *   int size = pool.submit(() -> Thumbnails.render(path)).get();               // from a thread
 *   int same = runInExecutor(pool, Job.of(() -> Thumbnails.render(path))).await(); // from a task
 * }
 * }</pre>
 *
 * <p><b>Order.</b> Jobs start in the order in which they were submitted. Workers start when there
 * are jobs for them, at most {@link ProcessPoolBuilder#size} at a time.
 *
 * <p><b>Errors.</b> An exception of a job is the exception of its future, with the stack trace of
 * the worker. Of the others each fails one job: {@link JobSerializationException}, if something
 * could not cross the border; {@link WorkerDiedException}, if the worker died while it ran the job.
 * Then a fresh one takes its place. A worker that dies before its job has arrived fails nobody: the
 * job goes to another one. No job is ever started twice. {@link BrokenProcessPoolException} is for
 * all jobs, if no worker can be started.
 *
 * <p><b>Cancellation.</b> See {@link JobFuture}. In a task, cancelling the future of {@code
 * runInExecutor}, or running into a {@code timeout}, kills the worker, too.
 *
 * <p><b>The end.</b> {@link #close} waits for all jobs, {@link #shutdownNow} kills them. Workers
 * also end when this process does, however it ends.
 */
public final class ProcessPoolExecutor implements ExecutorService, JobExecutor {
  private static final System.Logger LOG = System.getLogger("dev.aioli.process");

  private final Dispatcher dispatcher;

  ProcessPoolExecutor(Settings settings, Host host) {
    this.dispatcher = new Dispatcher(settings, host);
  }

  /** A pool with a worker for each processor. */
  public static ProcessPoolExecutor create() {
    return builder().build();
  }

  /** A pool with so many workers, at least 1. */
  public static ProcessPoolExecutor create(int size) {
    return builder().size(size).build();
  }

  /** A pool with settings of your own. */
  public static ProcessPoolBuilder builder() {
    return new ProcessPoolBuilder();
  }

  // ---- jobs

  /**
   * Takes a job, serialized as it is now. Does not wait. A job that cannot be serialized makes a
   * future that has failed.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the pool has been shut down
   * @throws BrokenProcessPoolException if no worker can be started
   */
  public <T extends @Nullable Object> JobFuture<T> submit(Job<T> job) {
    return submitJob(job);
  }

  /** As {@link #submit(Job)}, without a result. */
  public JobFuture<@Nullable Void> submit(Job.Action job) {
    return this.<@Nullable Void>enqueue(new ActionJob(job), job, null);
  }

  /** As {@link #submit(Job)}; the callable must be serializable. */
  @Override
  public <T extends @Nullable Object> JobFuture<T> submit(Callable<T> job) {
    return submitJob(job);
  }

  /** As {@link #submit(Job)}; the runnable must be serializable. */
  @Override
  public JobFuture<?> submit(Runnable job) {
    return this.<@Nullable Void>enqueue(new ActionJob(job), job, null);
  }

  /** As {@link #submit(Job)}; the runnable must be serializable, the result stays here. */
  @Override
  public <T extends @Nullable Object> JobFuture<T> submit(Runnable job, T result) {
    return enqueue(new ActionJob(job), job, result);
  }

  /** As {@link #submit(Job)}; the callable must be serializable. */
  @Override
  public <T extends @Nullable Object> JobFuture<T> submitJob(Callable<? extends T> job) {
    return enqueue(Objects.requireNonNull(job, "job"), job, null);
  }

  /** As {@link #submit(Job.Action)}; a failure is logged. */
  public void execute(Job.Action job) {
    execute((Runnable) job);
  }

  /** As {@link #submit(Runnable)}; a failure is logged. */
  @Override
  public void execute(Runnable job) {
    var _ =
        submit(job)
            .whenComplete((result, error) -> {
              if (error != null) {
                LOG.log(Level.ERROR, "Job failed: " + job.getClass().getName(), error);
              }
            });
  }

  /**
   * Applies a function to all arguments, in jobs of {@code chunkSize} arguments each, and gives the
   * results in the order of the arguments. As {@code Executor.map}, but the results come together.
   *
   * <p>The first failure fails the future and cancels the other chunks; so does cancelling it.
   *
   * @param chunkSize at least 1; large chunks for small work, since a job costs about 100 us
   */
  public <A extends @Nullable Object, R extends @Nullable Object> CompletableFuture<List<R>> map(
      Job.Mapping<A, R> function, Collection<? extends A> arguments, int chunkSize) {
    if (chunkSize < 1) {
      throw new IllegalArgumentException("expected chunkSize >= 1, was " + chunkSize);
    }
    List<A> all = new ArrayList<>(arguments);
    List<JobFuture<List<R>>> chunks = new ArrayList<>();
    for (int start = 0; start < all.size(); start += chunkSize) {
      int end = Math.min(all.size(), start + chunkSize);
      var chunk = new Chunk<A, R>(function, new ArrayList<>(all.subList(start, end)));
      chunks.add(enqueue(chunk, function, null));
    }
    return Invocations.join(chunks, new DependentFuture<>(dispatcher));
  }

  /** Takes a job; its subject is what the caller gave us. */
  private <T extends @Nullable Object> JobFuture<T> enqueue(
      Callable<?> call, Object subject, @Nullable T fixedResult) {
    JobFuture<T> future = new JobFuture<>(dispatcher, call, subject.getClass(), fixedResult);
    dispatcher.submit(future);
    return future;
  }

  @Override
  public <T> List<Future<T>> invokeAll(Collection<? extends Callable<T>> jobs)
      throws InterruptedException {
    dispatcher.checkMayWait(this);
    return Invocations.all(this, jobs, null);
  }

  @Override
  public <T> List<Future<T>> invokeAll(
      Collection<? extends Callable<T>> jobs, long timeout, TimeUnit unit)
      throws InterruptedException {
    dispatcher.checkMayWait(this);
    return Invocations.all(this, jobs, unit.toNanos(timeout));
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> jobs)
      throws InterruptedException, ExecutionException {
    dispatcher.checkMayWait(this);
    try {
      return Invocations.any(this, jobs, null);
    } catch (TimeoutException e) {
      throw new AssertionError("there was no limit", e);
    }
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> jobs, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    dispatcher.checkMayWait(this);
    return Invocations.any(this, jobs, unit.toNanos(timeout));
  }

  // ---- the end

  /** Takes no more jobs; those that wait or run are done. Does not wait. */
  @Override
  public void shutdown() {
    dispatcher.shutdown();
  }

  /**
   * Takes no more jobs, cancels those that have not begun and kills those that run, whose futures
   * are cancelled as well, with the programs that they have started. Does not wait.
   *
   * @return the jobs that had not started; running one runs it in this process
   */
  @Override
  public List<Runnable> shutdownNow() {
    List<Runnable> unstarted = dispatcher.stop();
    for (JobFuture<?> job : dispatcher.takenJobs()) {
      job.cancel(true);
    }
    dispatcher.liveProcesses().forEach(WorkerProcess::kill);
    return unstarted;
  }

  /**
   * Takes no more jobs, cancels those that have not begun and asks the workers to end, as by
   * SIGTERM: their shutdown hooks run, and the jobs that run fail with {@link WorkerDiedException}.
   * A worker that is starting starts for nothing. Does not wait. As {@code
   * ProcessPoolExecutor.terminate_workers}, CPython 3.14.
   */
  public void terminateWorkers() {
    dispatcher.stop();
    dispatcher.liveProcesses().forEach(WorkerProcess::terminate);
  }

  /**
   * As {@link #terminateWorkers}, but the workers, and the programs that they have started, cannot
   * resist. As {@code ProcessPoolExecutor.kill_workers}, CPython 3.14.
   */
  public void killWorkers() {
    dispatcher.stop();
    dispatcher.liveProcesses().forEach(WorkerProcess::kill);
  }

  @Override
  public boolean isShutdown() {
    return dispatcher.isShutdown();
  }

  /** Whether the pool has been shut down, all jobs are done and all worker processes are gone. */
  @Override
  public boolean isTerminated() {
    return dispatcher.isTerminated();
  }

  /**
   * Takes no more jobs and waits until all are done and the workers are gone. A worker that does
   * not end by itself is killed after 10 seconds. In a task, do that in {@code toThread}.
   *
   * @throws IllegalStateException in a thread of the pool, which would wait for itself: in an
   *     action on a {@link JobFuture}, or a stream that the workers' output goes to
   */
  @Override
  public void close() {
    dispatcher.checkMayWait(this);
    ExecutorService.super.close();
  }

  /**
   * Waits until {@link #isTerminated}. In a task, do that in {@code toThread}.
   *
   * @throws IllegalStateException in a thread of the pool, which would wait for itself
   */
  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return dispatcher.awaitTermination(timeout, unit);
  }

  // ---- looking

  /** The process ids of the workers that live, in no order. */
  public List<Long> workerPids() {
    return dispatcher.liveProcesses().stream().map(WorkerProcess::pid).toList();
  }

  @Override
  public String toString() {
    return "ProcessPoolExecutor[" + dispatcher + "]";
  }

  /** A job without a result. */
  private record ActionJob(Runnable action) implements Job<@Nullable Void> {
    ActionJob {
      Objects.requireNonNull(action, "job");
    }

    @Override
    public @Nullable Void call() {
      action.run();
      return null;
    }
  }

  /** A part of {@link #map}. */
  private record Chunk<A extends @Nullable Object, R extends @Nullable Object>(
      Mapping<A, R> function, List<A> arguments) implements Job<List<R>> {
    @Override
    @SuppressWarnings("NullAway") // the elements of a List<A> are what a Mapping of A takes
    public List<R> call() throws Exception {
      List<R> results = new ArrayList<>(arguments.size());
      for (A argument : arguments) {
        results.add(function.apply(argument));
      }
      return results;
    }
  }
}
