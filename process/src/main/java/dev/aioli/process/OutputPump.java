package dev.aioli.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads one of a worker's outputs until its end, so that the worker never blocks on it; passes it
 * on in whole lines and keeps the tail.
 */
final class OutputPump implements Runnable {
  private static final int TAIL = 4 * 1024;
  private static final int LONGEST_LINE = 8 * 1024;

  /**
   * How long the end of the output is waited for once the worker is dead. A child of the worker
   * that inherited the pipe keeps it open for as long as it lives; it is read until then.
   */
  private static final Duration LAST_WORDS = Duration.ofMillis(500);

  private final InputStream in;
  private final OutputStream out;
  private final Charset charset;
  private final CountDownLatch end = new CountDownLatch(1);
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private volatile boolean runs;
  private boolean refused;

  // Guarded by itself; ends with the last byte read.
  private final byte[] tail = new byte[TAIL];
  private long read;

  /**
   * A pump that does not read yet.
   *
   * @param chosen where to; null for what is usual
   */
  OutputPump(InputStream in, @Nullable OutputStream chosen, PrintStream usual) {
    this.in = in;
    this.out = chosen == null ? usual : chosen;
    this.charset = usual.charset();
  }

  /** If there was no thread to run it, nobody need wait for the end. */
  void giveUpIfIdle() {
    if (runs) {
      return;
    }
    end.countDown();
    try {
      in.close();
    } catch (IOException e) {
      // Closed all the same.
    }
  }

  @Override
  public void run() {
    runs = true;
    byte[] buffer = new byte[LONGEST_LINE];
    try (in) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        keep(buffer, count);
        passOn(buffer, count);
      }
    } catch (IOException e) {
      // The pipe of a dead process.
    } finally {
      write(line.toByteArray(), line.size());
      end.countDown();
    }
  }

  /** The tail of what was read, once the process is dead. */
  String awaitTail() {
    try {
      end.await(LAST_WORDS.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (tail) {
      int count = (int) Math.min(read, TAIL);
      byte[] bytes = new byte[count];
      for (int i = 0; i < count; i++) {
        bytes[i] = tail[(int) ((read - count + i) % TAIL)];
      }
      return new String(bytes, charset);
    }
  }

  private void keep(byte[] buffer, int count) {
    synchronized (tail) {
      for (int i = Math.max(0, count - TAIL); i < count; i++) {
        tail[(int) ((read + i) % TAIL)] = buffer[i];
      }
      read += count;
    }
  }

  private void passOn(byte[] buffer, int count) {
    int lineEnd = count;
    while (lineEnd > 0 && buffer[lineEnd - 1] != '\n') {
      lineEnd--;
    }
    line.write(buffer, 0, lineEnd);
    if (lineEnd > 0 || line.size() + count > LONGEST_LINE) {
      write(line.toByteArray(), line.size());
      line.reset();
    }
    line.write(buffer, lineEnd, count - lineEnd);
  }

  private void write(byte[] bytes, int count) {
    if (refused || count == 0) {
      return;
    }
    try {
      out.write(bytes, 0, count);
      out.flush();
    } catch (Throwable e) { // an Error of the user's stream, too
      refused = true; // the rest is read all the same, or the worker would block
    }
  }
}
