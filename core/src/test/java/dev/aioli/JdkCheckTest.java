package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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

  @Test
  void reportOfWhoWaitsAtAMonitorNamesTheFaultOfSuchAJdk() {
    String fault = JdkCheck.warning(Runtime.version());
    assertThat(reportIn(Thread.State.BLOCKED))
        .contains("It waits to enter a synchronized block")
        .contains(fault == null ? "blocking(...)." : "If nobody is inside: " + fault);
    assertThat(reportIn(Thread.State.WAITING)).doesNotContain("JDK-8373120");
  }

  private static String reportIn(Thread.State state) {
    return new BlockedStep("it", "the loop", 1, state, List.of(), false).report();
  }
}
