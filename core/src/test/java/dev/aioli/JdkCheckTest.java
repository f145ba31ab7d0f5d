package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JdkCheckTest {
  @Test
  void warnsOfJdksThatCanLoseAThread() {
    assertThat(JdkCheck.warning(Runtime.Version.parse("25.0.3+9-LTS")))
        .contains("25.0.3")
        .contains("JDK-8373120")
        .contains("25.0.4");
  }

  @Test
  void isSilentAboutNewerOnes() {
    assertThat(JdkCheck.warning(Runtime.Version.parse("25.0.4"))).isNull();
    assertThat(JdkCheck.warning(Runtime.Version.parse("26+1"))).isNull();
  }
}
