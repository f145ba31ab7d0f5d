/**
 * asyncio's synchronisation primitives: for tasks of one event loop, fair, never blocking a thread.
 *
 * <p>A primitive belongs to the first loop in which a task has to wait for it; use from another
 * loop fails. Waiters are served first in, first out. For threads use {@code java.util.concurrent}.
 */
@NullMarked
package dev.aioli.sync;

import org.jspecify.annotations.NullMarked;
