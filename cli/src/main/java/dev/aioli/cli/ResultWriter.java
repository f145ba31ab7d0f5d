package dev.aioli.cli;

import dev.aioli.EventLoop;
import dev.aioli.Future;
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
 * loop. What is there is written together; nothing waits for more to come. The lines of one
 * iteration of the loop are handed over together, since each handing over may wake a thread.
 *
 * <p>It has no bound: whoever hands over a line waits for the future of that line, or of a later
 * one, before going on for ever.
 *
 * <p>Made and used in the turn of the loop, or when that has ended.
 */
final class ResultWriter implements AutoCloseable {
  private static final int BATCH = 256;

  /** The last one. */
  private static final Line END = new Line(json -> {}, null);

  private static final JsonFactory JSON = JsonFactory.builder().rootValueSeparator("").build();

  private final EventLoop loop;
  private final OutputStream out;
  private final Consumer<IOException> onFailure;
  private final Thread writer;

  // In the turn only.
  private List<Line> collected = new ArrayList<>();

  /** From the loop to the writer: what has been collected. */
  private final BlockingQueue<List<Line>> lines = new LinkedBlockingQueue<>();

  // Touched by the writer only.
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
  private final JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), buffer);

  /** Set by the writer; when it is, the rest is dropped. */
  private volatile @Nullable IOException failure;

  /** A line, and what tells that it is written: null for END only. */
  private record Line(JsonLine line, @Nullable Future<@Nullable Void> written) {}

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
   * Hands over a line. It is written whatever becomes of the future.
   *
   * @return is done when the system has the line, so that not even {@code kill -9} loses it; or
   *     when it was dropped, since writing has failed
   */
  Future<@Nullable Void> write(JsonLine line) {
    Future<@Nullable Void> written = loop.createFuture();
    if (collected.isEmpty()) {
      loop.callSoon(this::handOver);
    }
    collected.add(new Line(line, written));
    return written;
  }

  private void handOver() {
    if (!collected.isEmpty()) {
      lines.add(collected);
      collected = new ArrayList<>();
    }
  }

  /** What made writing fail; null if nothing did. From any thread. */
  @Nullable IOException failure() {
    return failure;
  }

  /** Waits until all has been written. Blocks: to be called when the loop has ended. */
  @Override
  public void close() throws InterruptedException {
    collected.add(END);
    handOver();
    writer.join();
  }

  private void run() {
    boolean last = false;
    while (!last) {
      List<Line> batch;
      try {
        batch = lines.take();
      } catch (InterruptedException e) {
        continue; // nobody has a reason to; the end is told by END
      }
      addMore(batch);
      last = batch.getLast().written == null; // only of END there is none
      if (last) {
        batch.removeLast();
      }
      if (failure == null) {
        writeAll(batch);
      }
      tellLoop(() -> acknowledge(batch));
    }
  }

  private void addMore(List<Line> batch) {
    while (batch.size() < BATCH) {
      List<Line> next = lines.poll();
      if (next == null) {
        return;
      }
      batch.addAll(next);
    }
  }

  private void writeAll(List<Line> batch) {
    try {
      buffer.reset();
      for (Line next : batch) {
        next.line.writeTo(json);
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

  private static void acknowledge(List<Line> batch) {
    for (Line next : batch) {
      if (next.written != null && !next.written.done()) { // else who waited was cancelled
        next.written.setResult(null);
      }
    }
  }

  private void tellLoop(Runnable callback) {
    try {
      loop.callSoonThreadsafe(callback);
    } catch (IllegalStateException loopIsClosed) {
      // Nobody waits any more; the rest is written all the same.
    }
  }
}
