package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class StderrLoggerTest {
  private final StderrLogger logger = new StderrLogger("test");

  private static String stderrOf(Runnable action) {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(before);
    }
    return captured.toString(UTF_8);
  }

  @Test
  void aWarningIsOneLine() {
    assertThat(
            stderrOf(() -> logger.log(Level.WARNING, "{0} took {1} \n    at a\n    at b", "it", 7)))
        .isEqualTo("aioli: warning: it took 7\n");
  }

  @Test
  void anExceptionIsOneLineToo() {
    assertThat(stderrOf(() -> logger.log(Level.ERROR, "no luck", new IllegalStateException("bad"))))
        .isEqualTo("aioli: error: no luck: java.lang.IllegalStateException: bad\n");
  }

  @Test
  void ofAnExceptionsMessageTheFirstLineIsShown() {
    var thrown = new IllegalStateException("bad\n  at some place");
    assertThat(stderrOf(() -> logger.log(Level.ERROR, "no luck\nat all", thrown)))
        .isEqualTo("aioli: error: no luck: java.lang.IllegalStateException: bad\n");
  }

  @Test
  void infoIsHidden() {
    assertThat(stderrOf(() -> logger.log(Level.INFO, "hello"))).isEmpty();
    assertThat(logger.isLoggable(Level.INFO)).isFalse();
  }

  @Test
  void whatLibrariesLogByJavaUtilLoggingGoesTheSameWay() {
    var handler = new JulToSystemLogger();
    try {
      var entry = new LogRecord(java.util.logging.Level.SEVERE, "no {0}");
      entry.setParameters(new Object[] {"epoll"});
      assertThat(stderrOf(() -> handler.publish(entry))).isEqualTo("aioli: error: no epoll\n");
    } finally {
      Logger.getLogger("").removeHandler(handler);
    }
  }

  @Test
  void whatIsToKnowAboutTheJdkIsNotToldAtEveryStart() {
    assertThat(new StderrLogger("dev.aioli.jdk").isLoggable(Level.WARNING))
        .isEqualTo(StderrLoggerFinder.isVerbose());
    assertThat(logger.isLoggable(Level.WARNING)).isTrue();
  }
}
