package dev.aioli.net;

import java.time.ZoneId;
import java.time.ZonedDateTime;

/**
 * A line of a log has a time, and the JDK reads the zones of times from a file of their own. A
 * server that has no descriptor left has much to log and can open no file: the first line would
 * fail, and the loop with it.
 */
final class LogTime {
  private LogTime() {}

  /** Has the zones read now; at once if they have been. */
  static void load() {
    var _ = ZonedDateTime.now(ZoneId.systemDefault());
  }
}
