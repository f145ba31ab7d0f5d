/**
 * The event loop, its futures and its tasks: asyncio's names and asyncio's order of events, for
 * tasks written as plain sequential Java.
 *
 * <p>Said once for every class here:
 *
 * <ul>
 *   <li><b>One turn.</b> At any moment at most one task or callback of a loop runs. Everything that
 *       belongs to a loop may be touched only by the task or callback that has the turn; a call
 *       from another thread fails with an {@link java.lang.IllegalStateException} that names both
 *       threads. The doors for other threads are {@link dev.aioli.EventLoop#callSoonThreadsafe} and
 *       {@link dev.aioli.Asyncio#runCoroutineThreadsafe}.
 *   <li><b>Suspension.</b> A method that may give up the turn is marked {@link dev.aioli.Suspends}.
 *       Between two such calls a task is alone.
 *   <li><b>Cancellation</b> arrives as a {@link dev.aioli.CancelledError} out of a suspending
 *       method. It is an {@link java.lang.Error}, so {@code catch (Exception e)} does not swallow
 *       it.
 *   <li><b>Time</b> is a {@link java.time.Duration}; a negative one counts as zero.
 *   <li><b>Null</b> is refused unless a parameter or result is marked {@code @Nullable}.
 *   <li><b>Source</b> of all semantics: CPython 3.13's {@code Lib/asyncio}, unless a method says
 *       otherwise.
 * </ul>
 */
@NullMarked
package dev.aioli;

import org.jspecify.annotations.NullMarked;
