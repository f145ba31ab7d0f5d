package dev.aioli.lowlevel;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An executor that wants the job itself and not a {@link Runnable} around it, for instance because
 * it sends it to another process, and that can stop a job which runs. {@code
 * EventLoop.runInExecutor} tells it when the future of a job is cancelled; to other executors it
 * only says that their outcome is dropped, or interrupts the thread ({@link
 * dev.aioli.WhenCancelled}).
 */
public interface JobExecutor extends Executor {
  /**
   * Takes a job. Called in the turn of a loop, so it must not block. {@code cancel(true)} on the
   * future stops the job, whether it waits or runs, {@code cancel(false)} only if it waits; any
   * thread may complete the future.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the executor takes no more jobs
   */
  <T extends @Nullable Object> CompletableFuture<T> submitJob(Callable<? extends T> job);
}
