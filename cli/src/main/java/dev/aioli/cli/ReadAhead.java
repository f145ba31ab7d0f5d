package dev.aioli.cli;

import dev.aioli.EventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link UrlSource} on a thread of its own, so that waiting for input never blocks the
 * loop, and fills a {@link Backlog}.
 *
 * <p>That holds a bounded number of entries, in whose midst the priorities apply. When that many
 * are there the reader waits, so an endless source takes no more memory than a short one.
 *
 * <p>Made and used in the turn of the loop, but for {@link #close}.
 */
final class ReadAhead implements AutoCloseable {
  /*
   * The reader collects a batch and hands it over when it is large enough, when reading on may have
   * to wait, when there is no room, and at the end. The first batch knows no "large enough": the
   * workers begin when as much as possible is there to choose from, and so the order of a short list
   * does not depend on the speed of two threads.
   *
   * `room` is a semaphore of java.util.concurrent: the reader is no task. What the loop has taken out
   * is given back in large pieces, as each one may wake the reader.
   */
  private static final int BATCH = 256;

  private final EventLoop loop;
  private final UrlSource source;
  private final Semaphore room;
  private final Thread reader;

  // Touched by the reader only.
  private List<Entry> batch = new ArrayList<>();
  private boolean handedOver;

  // Touched in the turn only.
  private final Backlog backlog;
  private @Nullable IOException failure;

  /**
   * A buffer of so many entries; {@link #start} begins to read.
   *
   * @param capacity at least 1
   * @param limits what else bounds the run
   */
  ReadAhead(EventLoop loop, UrlSource source, int capacity, Backlog.Limits limits) {
    this.loop = loop;
    this.source = source;
    room = new Semaphore(capacity);
    backlog = new Backlog(limits, capacity, room::release);
    // A daemon: one that waits for stdin can be neither interrupted nor waited for.
    reader = Thread.ofPlatform().name("aioli-reader").daemon().unstarted(this::read);
  }

  /** Begins to read. */
  void start() {
    source.beforeWait(this::handOver);
    reader.start();
  }

  /** What has been read. */
  Backlog backlog() {
    return backlog;
  }

  /** How many there are in all, or {@link UrlSource#UNKNOWN} as long as that is not known. */
  long total() {
    if (backlog.ended()) {
      return backlog.received();
    }
    long size = source.size();
    return size == UrlSource.UNKNOWN ? size : size - source.skipped();
  }

  /** What ended the source before its time; null if nothing did. */
  @Nullable IOException failure() {
    return failure;
  }

  /** Ends the reader, unless it waits for input: then it ends with the JVM. From any thread. */
  @Override
  public void close() {
    reader.interrupt();
  }

  private void read() {
    IOException failed = null;
    try (source) {
      Entry entry;
      while ((entry = source.next()) != null) {
        if (!room.tryAcquire()) {
          handOver();
          room.acquire();
        }
        batch.add(entry);
        if (handedOver && batch.size() >= BATCH) {
          handOver();
        }
      }
    } catch (IOException e) {
      failed = e;
    } catch (InterruptedException | LoopGone e) {
      return;
    } catch (RuntimeException e) { // a bug must not leave the workers waiting
      failed = new IOException("the reader failed: " + e, e);
    }
    end(failed);
  }

  private void end(@Nullable IOException failed) {
    List<Entry> last = batch;
    try {
      loop.callSoonThreadsafe(() -> {
        failure = failed;
        backlog.add(last);
        backlog.end();
      });
    } catch (IllegalStateException loopIsClosed) {
      // Nobody is interested any more.
    }
  }

  private void handOver() {
    if (batch.isEmpty()) {
      return;
    }
    List<Entry> full = batch;
    batch = new ArrayList<>(BATCH);
    handedOver = true;
    try {
      loop.callSoonThreadsafe(() -> backlog.add(full));
    } catch (IllegalStateException loopIsClosed) {
      throw new LoopGone();
    }
  }

  /** Ends the reader, from wherever it is, when nobody is there to read for. */
  private static final class LoopGone extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
