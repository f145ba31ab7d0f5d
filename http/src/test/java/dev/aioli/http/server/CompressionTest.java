package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompressionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip | true",
        "x-gzip | true",
        "br | false",
        "* | true",
        "*;q=0 | false",
        "gzip;q=0 | false",
        "*;q=0, gzip | true",
        "gzip, *;q=0 | true",
        "*, gzip;q=0 | false",
        "br, *;q=0.0, GZIP;q=0.5 | true",
      })
  void whatIsSaidOfGzipCountsBeforeWhatIsSaidOfOthers(String field, boolean accepted) {
    assertThat(Compression.accepts(List.of(field))).isEqualTo(accepted);
    assertThat(Compression.accepts(List.of(field.split(",", -1)))).isEqualTo(accepted);
  }
}
