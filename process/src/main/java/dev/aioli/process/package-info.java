/**
 * Jobs in processes of their own: {@link dev.aioli.process.ProcessPoolExecutor} is an executor
 * whose workers are JVMs.
 *
 * <p>Said once for every class here:
 *
 * <ul>
 *   <li><b>Threads.</b> Everything may be called from any thread, also in the turn of a loop: no
 *       method blocks, except those of {@link java.util.concurrent.ExecutorService} that wait
 *       ({@code invokeAll}, {@code invokeAny}, {@code awaitTermination}, {@code close}) and {@code
 *       Future.get}.
 *   <li><b>Copies.</b> What crosses the border between the processes is a copy, made by Java
 *       serialization: a job when it is submitted, its outcome when it ends. What a job changes in
 *       static fields, it changes in its worker only.
 *   <li><b>Trust.</b> A worker is as trusted as this process: it runs the same code for the same
 *       user.
 *   <li><b>Visibility.</b> What a thread did before it submitted a job, the job sees in its copy;
 *       the end of a job happens before its future's outcome is seen.
 * </ul>
 */
@NullMarked
package dev.aioli.process;

import org.jspecify.annotations.NullMarked;
