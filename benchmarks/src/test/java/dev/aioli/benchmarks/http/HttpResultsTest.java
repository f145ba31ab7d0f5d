package dev.aioli.benchmarks.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HttpResultsTest {
  private static final String WRK =
      """
      Running 2s test @ http://127.0.0.1:8080/
        1 threads and 64 connections
        Thread Stats   Avg      Stdev     Max   +/- Stdev
          Latency     1.43ms  612.00us  10.31ms   85.00%
          Req/Sec    45.67k     2.10k   48.00k    70.00%
        Latency Distribution
           50%  812.00us
           75%    1.60ms
           90%    2.00ms
           99%    1.02s
        90000 requests in 2.00s, 41.20MB read
      Requests/sec:  45000.50
      Transfer/sec:     20.60MB
      cpu 0.400 1.400
      """;

  private final HttpResults results = new HttpResults();

  private void measured(String row, String system, double perSecond, double cpuSeconds) {
    results.add(row, system, "a note", new Reading(1000, perSecond, cpuSeconds, 1, 2));
  }

  @Test
  void wrkIsUnderstood() throws Exception {
    Reading reading = Wrk.parse(WRK);

    assertThat(reading.perSecond()).isEqualTo(45_000.5);
    assertThat(reading.cpuSeconds()).isCloseTo(2.0, within(1e-9));
    assertThat(reading.p50Millis()).isCloseTo(0.812, within(1e-9));
    assertThat(reading.p99Millis()).isCloseTo(1020, within(1e-9));
  }

  @Test
  void timeOfTheServerTakesThePlaceOfThatOfWrk() throws Exception {
    Reading reading = Wrk.parse(WRK).withCpu(Duration.ofMillis(900));

    assertThat(reading.cpuSeconds()).isCloseTo(1.0, within(1e-9));
    assertThat(reading.perSecond()).isEqualTo(45_000.5);
  }

  @Test
  void wrongAnswersAreNotCounted() {
    assertThatThrownBy(() -> Wrk.parse(WRK + "  Non-2xx or 3xx responses: 3\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Non-2xx or 3xx responses: 3");
  }

  @Test
  void mediansDecide() {
    measured("client@6", "aioli", 100, 1);
    measured("client@6", "aioli", 300, 1);
    measured("client@6", "aioli", 240, 1);
    measured("client@6", "go", 200, 1);

    assertThat(results.toTables())
        .contains("| client@6 | requests/s of aioli vs go ≥1.2x |  1.2x |     yes |");
  }

  @Test
  void missedTargetsAreShown() {
    measured("client@6", "aioli", 100, 4);
    measured("client@6", "wrk", 100, 1);

    assertThat(results.toTables())
        .contains("| client@6 | CPU of aioli vs wrk ≤3.5x |    4x |      NO |");
  }

  @Test
  void lineOfJsonHasNullForWhatIsNotKnown() {
    measured("server@64", "aioli", 95.5, Double.NaN);

    assertThat(results.toJsonLines())
        .isEqualTo(
            """
            {"system":"aioli","workload":"server@64","requests_per_s":95.5,"cpu_s_per_100000":null,"p50_ms":1.0,"p99_ms":2.0,"note":"a note"}
            """);
  }

  @Test
  void serversAreComparedWithServers() {
    measured("server@64", "aioli", 95, Double.NaN);
    measured("server@64", "vertx", 100, Double.NaN);

    assertThat(results.toTables())
        .contains("requests/s of aioli vs vertx ≥0.9x")
        .doesNotContain("≥1.2x");
  }
}
