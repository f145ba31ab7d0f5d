package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bytes=0-4                                    | 0  | 4
          Bytes=0-4                                    | 0  | 4
          bytes= 0-4 ,                                 | 0  | 4
          bytes=90-                                    | 90 | 99
          bytes=-3                                     | 97 | 99
          bytes=-300                                   | 0  | 99
          bytes=50-600                                 | 50 | 99
          bytes=0-99999999999999999999                 | 0  | 99
          bytes=-99999999999999999999                  | 0  | 99
          bytes=00000000000000000000001-00000000000002 | 1  | 2
          bytes=0-9223372036854775807                  | 0  | 99
          """)
  void onePartIsRead(String field, long first, long last) {
    assertThat(ByteRange.parse(field, 100)).isEqualTo(new ByteRange(first, last, 100));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=100-",
        "bytes=100-200",
        "bytes=-0",
        "bytes=99999999999999999999-",
        "bytes=99999999999999999998-99999999999999999999"
      })
  void aPartBehindTheEndCannotBeHad(String field) {
    assertThat(ByteRange.parse(field, 100).satisfiable()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=1 0-",
        "bytes=0 - 4",
        "bytes=0- 4",
        "bytes =0-4",
        "bytes=4-2",
        "bytes=0-1,3-4",
        "bytes=-",
        "bytes=",
        "bytes=,",
        "bytes=+1-2",
        "bytes=\u0661-2",
        "bytes=0x1-2",
        "bytes=1-2-3",
        "lines=1-2",
        "1-2",
        ""
      })
  void whatIsMalformedOrSeveralPartsGivesTheWhole(String field) {
    assertThat(ByteRange.parse(field, 100)).isNull();
  }

  @Test
  void ofNothingThereIsNoPart() {
    assertThat(ByteRange.parse("bytes=0-", 0).satisfiable()).isFalse();
    assertThat(ByteRange.parse("bytes=-5", 0).satisfiable()).isFalse();
  }
}
