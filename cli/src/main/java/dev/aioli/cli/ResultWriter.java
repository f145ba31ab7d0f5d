package dev.aioli.cli;

import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.sync.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes lines of JSON, on a thread of its own: neither making JSON nor a slow reader blocks the
 * loop. What is there is written together; nothing waits for more to come.
 *
 * <p>A bounded number of lines may wait to be written; then tasks wait in {@link #write}.
 *
 * <p>Made and used in the turn of the loop, but for {@link #close}.
 */
final class ResultWriter implements AutoCloseable {
  /** How many lines may wait to be written. */
  static final int BACKLOG = 1024;

  /** And how many bytes may wait in them. */
  static final long BACKLOG_BYTES = 16 * 1024 * 1024;

  private static final int BATCH = 256;

  /** The last one. */
  private static final JsonLine END = new End();

  private static final JsonFactory JSON = JsonFactory.builder().rootValueSeparator("").build();

  private final EventLoop loop;
  private final OutputStream out;
  private final Consumer<IOException> onFailure;
  private final Thread writer;

  /** From the loop to the writer. Has no bound of its own: `waiting` is what keeps it short. */
  private final BlockingQueue<JsonLine> lines = new LinkedBlockingQueue<>();

  // Touched in the turn only.
  private final Event written = new Event();
  private int waiting;
  private long waitingBytes;

  // Touched by the writer only.
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
  private final JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), buffer);

  /** Set by the writer; when it is, the rest is dropped. */
  private volatile @Nullable IOException failure;

  /**
   * Starts a writer.
   *
   * @param onFailure what to do, in a callback of the loop, when writing has failed
   */
  ResultWriter(EventLoop loop, OutputStream out, Consumer<IOException> onFailure) {
    this.loop = loop;
    this.out = out;
    this.onFailure = onFailure;
    writer = Thread.ofPlatform().name("aioli-writer").daemon().start(this::run);
  }

  /**
   * Hands over a line. Suspends only while the backlog is full.
   *
   * <p>Cancellation: ends the wait, but the line is written all the same.
   */
  @Suspends
  void write(JsonLine line) {
    try {
      while ((waiting >= BACKLOG || waitingBytes >= BACKLOG_BYTES) && failure == null) {
        written.clear();
        written.await();
      }
    } catch (CancelledError e) {
      hand(line);
      throw e;
    }
    hand(line);
  }

  private void hand(JsonLine line) {
    waiting++;
    waitingBytes += line.weight();
    lines.add(line);
  }

  /** What made writing fail; null if nothing did. From any thread. */
  @Nullable IOException failure() {
    return failure;
  }

  /** Waits until all has been written. Blocks: to be called when the loop has ended. */
  @Override
  public void close() throws InterruptedException {
    lines.add(END);
    writer.join();
  }

  private void run() {
    List<JsonLine> batch = new ArrayList<>(BATCH);
    boolean last = false;
    while (!last) {
      batch.clear();
      try {
        batch.add(lines.take());
      } catch (InterruptedException e) {
        continue; // nobody has a reason to; the end is told by END
      }
      lines.drainTo(batch, BATCH - 1);
      last = batch.getLast() instanceof End;
      if (last) {
        batch.removeLast();
      }
      if (failure == null) {
        writeAll(batch);
      }
      int count = batch.size();
      long bytes = batch.stream().mapToLong(JsonLine::weight).sum();
      tellLoop(() -> acknowledge(count, bytes));
    }
  }

  private void writeAll(List<JsonLine> batch) {
    try {
      buffer.reset();
      for (JsonLine line : batch) {
        line.writeTo(json);
        json.writeRaw('\n');
      }
      json.flush();
      buffer.writeTo(out);
      out.flush();
    } catch (IOException e) {
      failed(e);
    } catch (RuntimeException e) {
      failed(new IOException("a line cannot be written as JSON: " + e.getMessage(), e));
    }
  }

  private void failed(IOException e) {
    failure = e;
    tellLoop(() -> onFailure.accept(e));
  }

  private void acknowledge(int count, long bytes) {
    waiting -= count;
    waitingBytes -= bytes;
    written.set();
  }

  private void tellLoop(Runnable callback) {
    try {
      loop.callSoonThreadsafe(callback);
    } catch (IllegalStateException loopIsClosed) {
      // Nobody waits any more; the rest is written all the same.
    }
  }

  /** Written by nobody. */
  private record End() implements JsonLine {
    @Override
    public void writeTo(JsonGenerator json) {}
  }
}
