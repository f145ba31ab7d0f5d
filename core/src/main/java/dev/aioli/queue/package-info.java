/**
 * asyncio's queues: hand items from task to task, with a bound, by age or by priority.
 *
 * <p>A queue belongs to the first loop in which a task has to wait for it. For threads use {@code
 * java.util.concurrent}.
 */
@NullMarked
package dev.aioli.queue;

import org.jspecify.annotations.NullMarked;
