package dev.aioli.benchmarks.worker;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;

/** What lives on the heap. */
public final class Heap {
  private static final int COLLECTIONS = 3; // reference objects take more than one to go away

  private Heap() {}

  /** The bytes in use after garbage collections. */
  public static long usedBytes() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    for (int i = 0; i < COLLECTIONS; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }
}
