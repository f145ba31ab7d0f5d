package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class IncomingBodyTest {
  @Test
  void memoryGrowsWithWhatHasComeAndNotWithWhatWasAnnounced() {
    assertThat(IncomingBody.room(100, 150, 1_000_000_000)).isEqualTo(200);
    assertThat(IncomingBody.room(100, 150, -1)).isEqualTo(200);
    assertThat(IncomingBody.room(100, 300, 1_000_000_000)).isEqualTo(300);
    assertThat(IncomingBody.room(100, 150, 160)).isEqualTo(160);
    assertThat(IncomingBody.room(100, 150, 120)).isEqualTo(150);
    assertThat(IncomingBody.room(1_500_000_000, 1_500_000_001, -1)).isEqualTo(2_147_483_639);
  }

  @Test
  void aLimitBeyondAnArrayIsRefused() {
    assertThatThrownBy(() -> HttpServer.builder().maxBodyBytes(2_147_483_640L))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 2147483639, was 2147483640");
    HttpServerBuilder builder = HttpServer.builder();
    assertThat(builder.maxBodyBytes(2_147_483_639)).isSameAs(builder);
  }
}
