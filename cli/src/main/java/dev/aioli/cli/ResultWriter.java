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
 * Writes results as lines of JSON, on a thread of its own: neither making JSON nor a slow reader
 * blocks the loop. What is there is written together; nothing waits for more to come.
 *
 * <p>A bounded number of results may wait to be written; then tasks wait in {@link #write}.
 *
 * <p>Made and used in the turn of the loop, but for {@link #close}.
 */
final class ResultWriter implements AutoCloseable {
  /** How many results may wait to be written. */
  static final int BACKLOG = 1024;

  private static final int BATCH = 256;

  /** The last one: no result has neither a status nor an error. */
  private static final FetchResult END = new FetchResult("", null, 0, 0, null);

  private static final JsonFactory JSON = JsonFactory.builder().rootValueSeparator("").build();

  private final EventLoop loop;
  private final OutputStream out;
  private final Consumer<IOException> onFailure;
  private final Thread writer;

  /** From the loop to the writer. Has no bound of its own: `waiting` is what keeps it short. */
  private final BlockingQueue<FetchResult> results = new LinkedBlockingQueue<>();

  // Touched in the turn only.
  private final Event written = new Event();
  private int waiting;

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
   * Hands over a result. Suspends only while the backlog is full.
   *
   * <p>Cancellation: ends the wait, but the result is written all the same.
   */
  @Suspends
  void write(FetchResult result) {
    try {
      while (waiting >= BACKLOG && failure == null) {
        written.clear();
        written.await();
      }
    } catch (CancelledError e) {
      hand(result);
      throw e;
    }
    hand(result);
  }

  private void hand(FetchResult result) {
    waiting++;
    results.add(result);
  }

  /** What made writing fail; null if nothing did. From any thread. */
  @Nullable IOException failure() {
    return failure;
  }

  /** Waits until all has been written. Blocks: to be called when the loop has ended. */
  @Override
  public void close() throws InterruptedException {
    results.add(END);
    writer.join();
  }

  private void run() {
    List<FetchResult> batch = new ArrayList<>(BATCH);
    boolean last = false;
    while (!last) {
      batch.clear();
      try {
        batch.add(results.take());
      } catch (InterruptedException e) {
        continue; // nobody has a reason to; the end is told by END
      }
      results.drainTo(batch, BATCH - 1);
      last = batch.getLast().equals(END);
      if (last) {
        batch.removeLast();
      }
      if (failure == null) {
        writeAll(batch);
      }
      int count = batch.size();
      tellLoop(() -> acknowledge(count));
    }
  }

  private void writeAll(List<FetchResult> batch) {
    try {
      buffer.reset();
      for (FetchResult result : batch) {
        toJson(result);
      }
      json.flush();
      buffer.writeTo(out);
      out.flush();
    } catch (IOException e) {
      failed(e);
    } catch (RuntimeException e) {
      failed(new IOException("a result cannot be written as JSON: " + e.getMessage(), e));
    }
  }

  private void toJson(FetchResult result) {
    json.writeStartObject();
    json.writeStringProperty("url", result.url());
    if (result.status() == null) {
      json.writeNullProperty("status");
    } else {
      json.writeNumberProperty("status", result.status());
    }
    json.writeNumberProperty("bytes", result.bytes());
    json.writeNumberProperty("ms", Math.round(result.nanos() / 1e3) / 1e3);
    json.writeStringProperty("error", result.error());
    json.writeEndObject();
    json.writeRaw('\n');
  }

  private void failed(IOException e) {
    failure = e;
    tellLoop(() -> onFailure.accept(e));
  }

  private void acknowledge(int count) {
    waiting -= count;
    written.set();
  }

  private void tellLoop(Runnable callback) {
    try {
      loop.callSoonThreadsafe(callback);
    } catch (IllegalStateException loopIsClosed) {
      // Nobody waits any more; the rest is written all the same.
    }
  }
}
