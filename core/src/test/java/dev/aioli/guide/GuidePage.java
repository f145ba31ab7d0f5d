package dev.aioli.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.EventLoop;
import dev.aioli.Runner;
import dev.aioli.ThrowingRunnable;
import dev.aioli.VirtualTime;
import java.util.ArrayList;
import java.util.List;

/** What the snippets of the guide print goes here, to be compared. */
abstract class GuidePage {
  private final List<String> printed = new ArrayList<>();
  private VirtualTime time = new VirtualTime();

  /** In the guide: IO.println. */
  final void println(Object line) {
    printed.add(String.valueOf(line));
  }

  /** Runs a body in virtual time, from zero. */
  final void inVirtualTime(ThrowingRunnable body) {
    time = new VirtualTime();
    try (Runner runner = new Runner(this::newLoop)) {
      runner.run(body);
    }
  }

  private EventLoop newLoop() {
    return time.newLoop();
  }

  final long millis() {
    return time.millis();
  }

  final void assertPrinted(String... lines) {
    assertThat(printed).containsExactly(lines);
  }
}
