package dev.aioli.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsNamesTest {
  @ParameterizedTest
  @CsvSource({
    "my_host.test, my_host.test, true",
    "My_Host.test, my_host.TEST, true",
    "*.example.test, a_b.example.test, true",
    "*.example.test, a_b.c.example.test, false",
    "*.example.test, example.test, false",
    "*.test, my_host.test, false",
    "*, my_host, false",
    "myhost.test, my_host.test, false",
    "m*.example.test, my_host.example.test, false",
  })
  void aNameOfACertificateCoversItselfOrOneLabel(String given, String name, boolean covers) {
    assertThat(TlsNames.matches(given, name)).isEqualTo(covers);
  }

  @ParameterizedTest
  @CsvSource({
    "web, web",
    "my_host.test, my_host.test",
    "a.test., a.test",
    "127.0.0.1, ",
    "::1, ",
    "fe80::1%lo, ",
    "b\u00fccher.test, ",
  })
  void namesAreToldAndAddressesAreNot(String host, String told) {
    assertThat(TlsNames.serverName(host)).isEqualTo(told);
  }
}
