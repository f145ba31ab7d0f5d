package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddedServerTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0  | 0 | httpbin served 0",
        "1  | 1 | httpbin served 1",
        "12 | 1 | httpbin served 12, each before it read the next",
        "12 | 6 | httpbin served 12, at most 6 at once",
      })
  void tellsWhatTheServerSaw(long total, int maxInFlight, String remark) {
    assertThat(EmbeddedServer.remark(total, maxInFlight)).isEqualTo(remark);
  }
}
