/**
 * asyncio's event loop, tasks and synchronisation primitives on virtual threads.
 *
 * <p>Needs nothing but the JDK: {@code java.base}, and {@code jdk.unsupported} for Ctrl-C and
 * SIGTERM. {@link dev.aioli.lowlevel.Clock} and {@link dev.aioli.lowlevel.Poller} are its doors to
 * time and I/O.
 */
module dev.aioli {
  requires jdk.unsupported; // sun.misc.Signal, by reflection
  requires static transitive org.jspecify;

  exports dev.aioli;
  exports dev.aioli.lowlevel;
  exports dev.aioli.queue;
  exports dev.aioli.sync;
}
