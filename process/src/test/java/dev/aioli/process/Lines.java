package dev.aioli.process;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What the workers of a test print, line by line: their way to say how far they are. */
final class Lines extends OutputStream {
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  @Override
  public synchronized void write(int b) {
    if (b == '\n') {
      lines.add(line.toString(System.out.charset()));
      line.reset();
    } else {
      line.write(b);
    }
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    for (int i = 0; i < length; i++) {
      write(bytes[offset + i]);
    }
  }

  /** The next line; waits for it. */
  String next() throws InterruptedException {
    String next = lines.poll(60, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("the workers printed nothing for a minute");
    }
    return next;
  }

  /** Whether nothing was printed that nobody has asked for. */
  synchronized boolean isEmpty() {
    return lines.isEmpty() && line.size() == 0;
  }

  /** The next line, which is a number. */
  long nextNumber() throws InterruptedException {
    return Long.parseLong(next());
  }
}
