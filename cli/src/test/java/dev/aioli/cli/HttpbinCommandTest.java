package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code aioli httpbin} as a process. */
@Timeout(120)
class HttpbinCommandTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void servesUntilItIsTold(String signal, int exitCode) throws Exception {
    try (Aioli aioli = Aioli.start(folder, "httpbin", "--port", "0")) {
      String line = aioli.readLine();
      assertThat(line).matches("serving on http://127\\.0\\.0\\.1:\\d+ \\(Ctrl-C ends\\)");
      URI url = URI.create(line.split(" ")[2] + "/get?a=1");
      try (var in = url.toURL().openStream()) {
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
            .contains("\"args\":{\"a\":\"1\"}");
      }
      aioli.signal(signal);
      assertThat(aioli.exitCode()).isEqualTo(exitCode);
    }
  }

  @Test
  void saysThatThePortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0);
        Aioli aioli =
            Aioli.start(
                folder, "httpbin", "--host", "0.0.0.0", "--port", "" + taken.getLocalPort())) {
      assertThat(aioli.exitCode()).isEqualTo(1);
      assertThat(aioli.stderr())
          .contains("aioli: cannot listen on 0.0.0.0, port " + taken.getLocalPort());
    }
  }

  @Test
  void refusesAPortThatIsNone() throws Exception {
    try (Aioli aioli = Aioli.start(folder, "httpbin", "--port", "70000")) {
      assertThat(aioli.exitCode()).isEqualTo(2);
      assertThat(aioli.stderr()).contains("expected a port from 0 to 65535, found 70000");
    }
  }
}
