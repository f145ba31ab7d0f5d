/**
 * asyncio's event loop, tasks and synchronisation primitives on virtual threads.
 *
 * <p>Needs {@code java.base} only. {@link dev.aioli.lowlevel.Clock} and {@link
 * dev.aioli.lowlevel.Poller} are its doors to time and I/O.
 */
module dev.aioli {
  requires static transitive org.jspecify;

  exports dev.aioli;
  exports dev.aioli.lowlevel;
  exports dev.aioli.queue;
  exports dev.aioli.sync;
}
