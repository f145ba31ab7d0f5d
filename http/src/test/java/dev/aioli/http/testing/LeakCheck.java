package dev.aioli.http.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test class in which Netty's leak detector finds a buffer that nobody released. */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
  // A strong reference: java.util.logging would forget the logger and its handlers.
  private static final Logger DETECTOR = Logger.getLogger("io.netty.util.ResourceLeakDetector");
  private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

  private final Handler collector =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          leaks.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @Override
  public void beforeAll(ExtensionContext context) {
    DETECTOR.addHandler(collector);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    for (int i = 0; i < 3; i++) {
      System.gc();
      PooledByteBufAllocator.DEFAULT.buffer(16).release(); // the detector reports when it tracks
    }
    DETECTOR.removeHandler(collector);
    assertThat(leaks).isEmpty();
  }
}
