package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.EventLoop;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FetchJobTest {
  private static String stderrOf(FakeFetcher.Answer answer) throws InterruptedException {
    UrlSource source =
        new UrlSource(
            List.of(UrlGlob.parse("http://h/a")),
            null,
            new LineParser(RequestTemplate.GET, 0),
            entry -> false);
    var run = new FetchRun.Settings(1, Duration.ofSeconds(30));
    var options = new FetchJob.Options(run, Backlog.Limits.NONE, 10, false, null, false, false);
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, UTF_8));
    try {
      FakeFetcher fetcher = new FakeFetcher(answer);
      var job = new FetchJob(options, source, new ByteArrayOutputStream(), null, () -> fetcher);
      assertThat(job.run()).isZero();
    } finally {
      System.setErr(before);
    }
    return captured.toString(UTF_8);
  }

  private static Fetcher.Response slowly() {
    long end = System.nanoTime() + Duration.ofMillis(1300).toNanos();
    while (System.nanoTime() < end) {
      Thread.onSpinWait(); // as on a machine that has no time for us
    }
    return new Fetcher.Response(200, 1);
  }

  @Test
  void aBusyMachineIsNothingToWarnOf() throws InterruptedException {
    assertThat(stderrOf(url -> slowly())).isEmpty();
  }

  @Test
  void whoLooksForFaultsIsToldOfSlowSteps() throws InterruptedException {
    assertThat(
            stderrOf(url -> {
              EventLoop.getRunningLoop().setBlockedLoopDuration(Duration.ofMillis(50));
              return slowly();
            }))
        .contains("has held the turn");
  }
}
