package dev.aioli.conformance;

import java.util.ArrayList;
import java.util.List;

/** The lines of one run; those that come after it is closed are dropped. */
final class Trace {
  private final List<String> lines = new ArrayList<>(96);
  private final VirtualTime time;
  private final boolean withTicks;
  private boolean closed;

  Trace(VirtualTime time, boolean withTicks) {
    this.time = time;
    this.withTicks = withTicks;
  }

  void line(String line) {
    if (!closed) {
      lines.add(line);
    }
  }

  /** What an instruction of someone came to. */
  void event(String who, String path, String op, String outcome) {
    if (!closed) {
      StringBuilder line = new StringBuilder(48).append(time.millis());
      if (withTicks) {
        line.append('@').append(time.ticks());
      }
      line.append(' ').append(who).append(' ').append(path).append(' ').append(op);
      lines.add(line.append(' ').append(outcome).toString());
    }
  }

  void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }

  List<String> lines() {
    return lines;
  }
}
