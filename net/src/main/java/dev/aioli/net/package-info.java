/**
 * Sockets on the event loop. Netty, driven by the loop's own thread, is what libuv is to uvloop:
 * there is no second thread between the socket and the task that waits for it.
 *
 * <p>Said once for every class here:
 *
 * <ul>
 *   <li><b>Installed on first use.</b> A loop gets its {@link dev.aioli.net.NettyPoller} when it
 *       first needs one; a loop without I/O never loads Netty.
 *   <li><b>Tasks never call Netty.</b> In a task the current thread is the task's own, which Netty
 *       would take for a foreign one. A task has the loop's thread perform the operation ({@link
 *       dev.aioli.net.NettyPoller#post}) and awaits a future. Netty's handlers run on the loop's
 *       thread, in the loop's turn, so they may complete futures and schedule callbacks directly.
 *   <li><b>Never blocking.</b> Names are resolved in a worker thread.
 *   <li><b>Errors</b> of sockets are {@link java.io.IOException}s, as everywhere in Java.
 *   <li><b>Threads.</b> Unless a method says otherwise it is called in the loop's turn.
 * </ul>
 */
@NullMarked
package dev.aioli.net;

import org.jspecify.annotations.NullMarked;
