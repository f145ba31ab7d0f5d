package dev.aioli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Every test leaves as many processes behind as it found: none. */
final class NoProcessLeft implements AfterEachCallback {
  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    List<ProcessHandle> left = children();
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      left.getFirst().onExit().completeOnTimeout(null, 1, TimeUnit.SECONDS).join();
      left = children();
    }
    left.forEach(ProcessHandle::destroyForcibly);
    assertThat(left).as("processes left behind").isEmpty();
  }

  private static List<ProcessHandle> children() {
    return ProcessHandle.current().children().filter(ProcessHandle::isAlive).toList();
  }
}
