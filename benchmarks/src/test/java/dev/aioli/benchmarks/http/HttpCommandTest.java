package dev.aioli.benchmarks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(180)
class HttpCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void here() {
    System.setProperty("benchmarks.home", Path.of("").toAbsolutePath().toString());
  }

  @AfterEach
  void nowhere() {
    System.clearProperty("benchmarks.home");
  }

  private int http(String... arguments) {
    return new CommandLine(new HttpCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void everyClientAndServerAnswers() {
    assumeTrue(NginxProcess.find().isPresent(), "no nginx on this machine");

    int exit = http("--rounds", "1", "--seconds", "1", "--in-flight", "6", "--no-fetch");

    assertThat(exit).as(err.toString()).isZero();
    assertThat(out.toString())
        .contains("\"system\":\"aioli\",\"workload\":\"client@6\"")
        .contains("\"system\":\"aioli-hand-over\",\"workload\":\"client@6\"")
        .contains("\"system\":\"jdk\"", "\"system\":\"vertx\"");
    if (!err.toString().contains("aioli-http2: left out")) {
      assertThat(out.toString()).contains("\"system\":\"aioli-http2\",\"workload\":\"client@6\"");
    }
    if (Wrk.find().isPresent()) {
      assertThat(out.toString())
          .contains("\"system\":\"aioli\",\"workload\":\"server@6\"")
          .contains("\"system\":\"vertx\",\"workload\":\"server@6\"");
    }
  }

  @Test
  void clientsAndServersCanBeLeftOut() {
    assumeTrue(NginxProcess.find().isPresent(), "no nginx on this machine");

    assertThat(http("--no-clients", "--no-servers")).as(err.toString()).isZero();
    assertThat(out.toString()).doesNotContain("\"system\"");
  }

  @Test
  void nothingInFlightIsAnError() {
    assertThat(http("--in-flight", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("expect 1 or more");
  }
}
