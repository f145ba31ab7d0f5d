package dev.aioli.soak;

import static dev.aioli.Asyncio.allTasks;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a leak takes more and more of.
 *
 * <p>Each has a bound: how much more the last third of a run may show than the middle third. It is
 * what a program without a leak may move by; anything that leaks at each step is beyond it soon.
 */
enum Resource {
  /**
   * Bytes of the heap after a collection. Caches that fill slowly, and which objects a collection
   * gets, move it by some 100 KiB. Two MiB are 35 bytes a step in a run of half an hour (60,000
   * steps a third), less than any object that a leak would keep.
   */
  HEAP("heap KiB", 2L << 20, 1 << 10),

  /** A connection in the pool, and the one that a server is about to close, come and go. */
  DESCRIPTORS("descriptors", 4, 1),

  /** Executors start threads up to their size when they happen to be busy: 6 on two processors. */
  THREADS("threads", 8, 1),

  /** Buffers come in chunks; the allocator keeps some for each thread that has used it. */
  NETTY("netty KiB", 4L << 20, 1 << 10),

  /** A task that ends is gone. The few that keep connections come and go with these. */
  TASKS("tasks", 4, 1),

  /** The workers of the pool, one of which may be about to end or to be replaced. */
  PROCESSES("processes", 2, 1);

  private final String title;
  private final long bound;
  private final long unit;

  Resource(String title, long bound, long unit) {
    this.title = title;
    this.bound = bound;
    this.unit = unit;
  }

  /** For the head of a column. */
  String title() {
    return title;
  }

  long bound() {
    return bound;
  }

  /** An amount in the unit of the title. */
  long inUnits(long used) {
    return used / unit;
  }

  /** How much is in use now. In the turn of the loop. */
  long measure() {
    return switch (this) {
      case HEAP -> heapAfterCollection();
      case DESCRIPTORS -> descriptors();
      case THREADS -> ManagementFactory.getThreadMXBean().getThreadCount();
      case NETTY -> netty();
      case TASKS -> allTasks().size();
      case PROCESSES -> ProcessHandle.current().children().count();
    };
  }

  private static long heapAfterCollection() {
    System.gc(); // twice: what has a cleaner is gone after the second
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long descriptors() {
    long count = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path _ : all) {
        count++;
      }
    } catch (java.io.IOException e) {
      return 0; // another system
    }
    return count;
  }

  private static long netty() {
    if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider) {
      ByteBufAllocatorMetric metric = provider.metric();
      return metric.usedDirectMemory() + metric.usedHeapMemory();
    }
    return 0;
  }
}
