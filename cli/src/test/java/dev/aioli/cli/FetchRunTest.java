package dev.aioli.cli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.sleep;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Runner;
import dev.aioli.Task;
import dev.aioli.ThrowingRunnable;
import dev.aioli.http.Headers;
import dev.aioli.sync.Event;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FetchRunTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final Tally tally = new Tally();
  private OutputStream out = written;
  private int readAhead = 1_000;
  private Duration timeout = LONG;
  private Backlog.Limits limits = Backlog.Limits.NONE;
  private RetryPolicy retryPolicy = RetryPolicy.NONE;
  private boolean failFast;

  /** Runs inside a loop with a writer; all is written when it returns. */
  private void inLoop(Body body) throws Exception {
    try (Runner runner = new Runner()) {
      EventLoop loop = runner.getLoop();
      try (ResultWriter results = new ResultWriter(loop, out, e -> {})) {
        runner.<@Nullable Void>run(() -> {
          body.run(loop, results);
          return null;
        });
      }
    }
  }

  private interface Body {
    void run(EventLoop loop, ResultWriter results) throws Exception;
  }

  private ThrowingRunnable run(UrlSource source, int limit, Fetcher fetcher, ResultWriter results) {
    return () -> {
      try (ReadAhead entries = new ReadAhead(getRunningLoop(), source, readAhead, limits)) {
        var settings = new FetchRun.Settings(limit, timeout, retryPolicy, failFast, false);
        new FetchRun(settings, entries, fetcher, results, tally).run();
      }
    };
  }

  private void fetch(UrlSource source, int limit, Fetcher fetcher) throws Exception {
    inLoop((loop, results) -> run(source, limit, fetcher, results).run());
  }

  private static UrlSource glob(String pattern) {
    return source(List.of(UrlGlob.parse(FakeFetcher.HOST + pattern)), null);
  }

  private static UrlSource lines(String text) {
    String urls = text.replaceAll("(?m)([a-z]+)$", FakeFetcher.HOST + "$1");
    return lines(new ByteArrayInputStream(urls.getBytes(UTF_8)));
  }

  private static UrlSource lines(InputStream in) {
    return source(List.of(), new LineReader(in));
  }

  private static UrlSource source(List<UrlGlob> globs, @Nullable LineReader lines) {
    return new UrlSource(globs, lines, new LineParser(RequestTemplate.GET, 0), entry -> false);
  }

  /** The lines of output; how long it took is different every time. */
  private List<String> output() {
    return written
        .toString(UTF_8)
        .replace(FakeFetcher.HOST, "")
        .replaceAll("\"ms\":[0-9.E-]+", "\"ms\":T")
        .lines()
        .toList();
  }

  @Test
  void reachesTheLimitAndNeverExceedsIt() throws Exception {
    FakeFetcher fetcher = FakeFetcher.ok();
    fetch(glob("u{1..500}"), 6, fetcher);
    assertThat(fetcher.mostInFlight).isEqualTo(6);
    assertThat(fetcher.asked).hasSize(500).doesNotHaveDuplicates();
    assertThat(output()).hasSize(500).doesNotHaveDuplicates();
    assertThat(tally.summary(Duration.ZERO).mostInFlight()).isEqualTo(6);
  }

  @Test
  void aLimitAboveTheWorkIsReachedByNobody() throws Exception {
    FakeFetcher fetcher = FakeFetcher.ok();
    fetch(glob("u{1..5}"), 1_000_000_000, fetcher);
    assertThat(fetcher.mostInFlight).isEqualTo(5);
  }

  @Test
  void smallerPrioritiesGoFirstAndEqualOnesInOrder() throws Exception {
    FakeFetcher fetcher = FakeFetcher.ok();
    fetch(lines("5\ta\n-1\tb\nc\n5\td\ne\n-1\tf\n"), 1, fetcher);
    assertThat(fetcher.asked).containsExactly("b", "f", "c", "e", "a", "d");
  }

  @Test
  void prioritiesApplyAmongWhatHasBeenRead() throws Exception {
    readAhead = 3;
    FakeFetcher fetcher = FakeFetcher.ok();
    fetch(lines("9\ta\n8\tb\n7\tc\n1\td\n"), 1, fetcher);
    assertThat(fetcher.asked.getFirst()).isEqualTo("c");
    assertThat(fetcher.asked).containsExactlyInAnyOrder("a", "b", "c", "d");
  }

  @Test
  void oneThatFailsEndsNothing() throws Exception {
    FakeFetcher fetcher =
        new FakeFetcher(url ->
            switch (url) {
              case "a" -> throw new IOException("No space left on device");
              case "b" -> throw new IllegalStateException("bug");
              case "c" -> new Fetcher.Response(503, 7);
              default -> new Fetcher.Response(302, 3);
            });
    fetch(glob("{a..d}"), 1, fetcher);
    assertThat(output())
        .containsExactly(
            "{\"url\":\"a\",\"status\":null,\"bytes\":0,\"ms\":T,\"attempts\":1,"
                + "\"error\":{\"type\":\"file\",\"message\":\"No space left on device\"}}",
            "{\"url\":\"b\",\"status\":null,\"bytes\":0,\"ms\":T,\"attempts\":1,"
                + "\"error\":{\"type\":\"other\",\"message\":\"java.lang.IllegalStateException: bug\"}}",
            "{\"url\":\"c\",\"status\":503,\"bytes\":7,\"ms\":T,\"attempts\":1,"
                + "\"error\":{\"type\":\"status\",\"message\":\"HTTP 503\"}}",
            "{\"url\":\"d\",\"status\":302,\"bytes\":3,\"ms\":T,\"attempts\":1,\"error\":null}");
    assertThat(tally.failed()).isEqualTo(3);
    assertThat(tally.done()).isEqualTo(4);
  }

  /** Answers 503 so many times, then 200; says when it was asked, in milliseconds. */
  private static FakeFetcher flaky(int failures, VirtualTime time, List<Long> times) {
    return new FakeFetcher(url -> {
      times.add(time.millis());
      return new Fetcher.Response(times.size() <= failures ? 503 : 200, 0);
    });
  }

  /** Runs in virtual time. */
  private void fetchInVirtualTime(VirtualTime time, UrlSource source, Fetcher fetcher) {
    fetchInVirtualTime(time, source, 1, fetcher);
  }

  private void fetchInVirtualTime(VirtualTime time, UrlSource source, int limit, Fetcher fetcher) {
    time.run(() -> {
      try (ResultWriter results = new ResultWriter(getRunningLoop(), out, e -> {})) {
        run(source, limit, fetcher, results).run();
      }
    });
  }

  private static RetryPolicy retries(int count) {
    return new RetryPolicy(
        count, Duration.ofSeconds(60), false, new Random(5), InstantSource.system());
  }

  @Test
  void aFailureThatMayPassIsTriedAgainLaterAndLater() {
    retryPolicy = retries(5);
    VirtualTime time = new VirtualTime();
    List<Long> times = new ArrayList<>();
    fetchInVirtualTime(time, glob("a"), flaky(3, time, times));
    assertThat(times).hasSize(4).first().isEqualTo(0L);
    for (int i = 1; i < 4; i++) {
      assertThat(times.get(i) - times.get(i - 1)).isBetween(0L, 250L << i);
    }
    assertThat(times.getLast()).isPositive();
    assertThat(output())
        .containsExactly(
            "{\"url\":\"a\",\"status\":200,\"bytes\":0,\"ms\":T,\"attempts\":4,\"error\":null}");
    assertThat(tally.summary(Duration.ZERO).retries()).isEqualTo(3);
  }

  @Test
  void theLastFailureIsTheResult() {
    retryPolicy = retries(2);
    VirtualTime time = new VirtualTime();
    List<Long> times = new ArrayList<>();
    fetchInVirtualTime(time, glob("a"), flaky(9, time, times));
    assertThat(times).hasSize(3);
    assertThat(output()).singleElement().asString().contains("\"status\":503,", "\"attempts\":3");
  }

  @Test
  void theServerSaysWhenToTryAgainAndOthersGoMeanwhile() {
    retryPolicy = retries(1);
    VirtualTime time = new VirtualTime();
    List<String> asked = new ArrayList<>();
    FakeFetcher fetcher =
        new FakeFetcher(url -> {
          asked.add(url + " at " + time.millis());
          Headers later = Headers.of("Retry-After", "7");
          return asked.size() == 1
              ? new Fetcher.Response(429, 0, later, null, null, null)
              : new Fetcher.Response(200, 0);
        });
    // One place for each of the others: a result keeps its place until a thread has written it,
    // and virtual time does not wait for that.
    fetchInVirtualTime(time, glob("{a..c}"), 2, fetcher);
    assertThat(asked).containsExactly("a at 0", "b at 0", "c at 0", "a at 7000");
  }

  @Test
  void aTimeoutIsTriedAgainWithAsMuchTime() {
    retryPolicy = retries(1);
    timeout = Duration.ofSeconds(10);
    VirtualTime time = new VirtualTime();
    FakeFetcher fetcher =
        new FakeFetcher(url -> {
          sleep(Duration.ofSeconds(60));
          return new Fetcher.Response(200, 0);
        });
    fetchInVirtualTime(time, glob("a"), fetcher);
    assertThat(fetcher.asked).hasSize(2);
    assertThat(time.millis()).isBetween(20_000L, 20_500L);
    assertThat(output()).singleElement().asString().contains("\"type\":\"timeout\"");
  }

  @Test
  void theRateIsKept() {
    limits = new Backlog.Limits(0, Rate.parse("4/s"));
    VirtualTime time = new VirtualTime();
    List<Long> times = new ArrayList<>();
    fetchInVirtualTime(time, glob("{1..5}"), flaky(0, time, times));
    assertThat(times).containsExactly(0L, 250L, 500L, 750L, 1_000L);
  }

  @Test
  void perHostAtMostSoManyAreInFlight() throws Exception {
    limits = new Backlog.Limits(2, null);
    List<String> most = new ArrayList<>();
    Map<String, Integer> inFlight = new HashMap<>();
    FakeFetcher fetcher =
        new FakeFetcher(url -> {
          String host = URI.create(url).getHost();
          int count = inFlight.merge(host, 1, Integer::sum);
          most.add(host + count);
          sleep(Duration.ZERO);
          inFlight.merge(host, -1, Integer::sum);
          return new Fetcher.Response(200, 0);
        });
    fetch(source(List.of(UrlGlob.parse("http://{x,y,z}/{1..50}")), null), 5, fetcher);
    assertThat(fetcher.asked).hasSize(150);
    assertThat(fetcher.mostInFlight).isEqualTo(5);
    assertThat(most).contains("x2", "y2").allMatch(text -> !text.endsWith("3"));
  }

  @Test
  void theFirstFailureEndsTheRunIfThatIsWanted() throws Exception {
    failFast = true;
    Event never = new Event();
    FakeFetcher fetcher =
        new FakeFetcher(url ->
            switch (url) {
              case "a" -> new Fetcher.Response(200, 0);
              case "b" -> new Fetcher.Response(404, 0);
              default -> {
                never.await();
                throw new AssertionError();
              }
            });
    fetch(glob("{a..z}"), 4, fetcher);
    assertThat(output()).hasSize(2).last().asString().contains("\"url\":\"b\"");
    assertThat(fetcher.asked).hasSizeLessThan(10);
    assertThat(fetcher.inFlight).isZero();
  }

  @Test
  void aBadLineIsAFailedResult() throws Exception {
    fetch(lines("a\nx\ty\nb\n"), 1, FakeFetcher.ok());
    assertThat(output()).hasSize(3);
    assertThat(output().getFirst()).contains("\"url\":\"x\\ty\"", "\"message\":\"line 2: expected");
    assertThat(tally.failed()).isEqualTo(1);
  }

  @Test
  void aRequestThatTakesTooLongIsAFailedResult() throws Exception {
    timeout = Duration.ofMillis(20);
    Fetcher fetcher =
        new FakeFetcher(url -> {
          new Event().await();
          throw new AssertionError();
        });
    fetch(glob("{a..c}"), 2, fetcher);
    assertThat(output()).hasSize(3).allMatch(line -> line.contains("timed out after 20.0 ms"));
  }

  @Test
  void cancellationWritesWhatIsCompleteAndCancelsWhatIsInFlight() throws Exception {
    Event never = new Event();
    FakeFetcher fetcher =
        new FakeFetcher(url -> {
          if (url.compareTo("u3") > 0) {
            never.await();
          }
          return new Fetcher.Response(200, 0);
        });
    inLoop((loop, results) -> {
      Task<?> task = createTask(run(glob("u{1..9}"), 4, fetcher, results));
      while (fetcher.inFlight < 4) {
        sleep(Duration.ZERO);
      }
      task.cancel();
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
    });
    assertThat(output()).hasSize(3);
    assertThat(fetcher.inFlight).isZero();
    assertThat(tally.inFlight()).isZero();
    assertThat(fetcher.asked).hasSize(7);
  }

  @Test
  void whatHasBeenReadIsFetchedWhileInputIsAwaited() throws Exception {
    CountDownLatch fetched = new CountDownLatch(1);
    InputStream slow = // the second line comes when the first has been fetched
        new InputStream() {
          private int parts;

          @Override
          public int read() {
            throw new AssertionError();
          }

          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            String part =
                switch (parts++) {
                  case 0 -> "http://h/first\nhttp://h/sec";
                  case 1 -> "ond\n";
                  default -> "";
                };
            if (parts == 2) {
              await(fetched);
            }
            byte[] bytes = part.getBytes(UTF_8);
            System.arraycopy(bytes, 0, buffer, offset, bytes.length);
            return part.isEmpty() ? -1 : bytes.length;
          }
        };
    FakeFetcher fetcher =
        new FakeFetcher(url -> {
          fetched.countDown();
          return new Fetcher.Response(200, 0);
        });
    fetch(lines(slow), 8, fetcher);
    assertThat(fetcher.asked).containsExactly("first", "second");
  }

  @Test
  void anEndlessSourceIsReadNoFartherThanTheBound() throws Exception {
    readAhead = 100;
    CountingSource endless = new CountingSource();
    FakeFetcher fetcher = FakeFetcher.ok();
    inLoop((loop, results) -> {
      Task<?> task = createTask(run(lines(endless), 8, fetcher, results));
      while (fetcher.asked.size() < 5_000) {
        sleep(Duration.ZERO);
      }
      task.cancel();
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
    });
    assertThat(endless.lines).isLessThan(fetcher.asked.size() + 100 + CountingSource.PER_READ * 2);
  }

  /** Always has another hundred lines. */
  private static final class CountingSource extends InputStream {
    static final int PER_READ = 100;
    private static final String URL = "http://h/u\n";
    private volatile int lines;

    @Override
    public int read() {
      throw new AssertionError();
    }

    @Override
    public int available() {
      return 1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      byte[] some = URL.repeat(Math.min(PER_READ, length / URL.length())).getBytes(UTF_8);
      lines += some.length / URL.length();
      System.arraycopy(some, 0, buffer, offset, some.length);
      return some.length;
    }
  }

  @Test
  void aSourceThatBreaksEndsTheRunAndIsReported() throws Exception {
    InputStream broken =
        new InputStream() {
          private boolean again;

          @Override
          public int read() throws IOException {
            throw new IOException("disk on fire");
          }

          @Override
          public int read(byte[] buffer, int offset, int length) throws IOException {
            if (again) {
              return read();
            }
            again = true;
            byte[] line = "http://h/a\n".getBytes(UTF_8);
            System.arraycopy(line, 0, buffer, offset, line.length);
            return line.length;
          }
        };
    inLoop((loop, results) -> {
      ReadAhead entries = new ReadAhead(loop, lines(broken), 10, limits);
      var settings = new FetchRun.Settings(2, LONG);
      new FetchRun(settings, entries, FakeFetcher.ok(), results, tally).run();
      assertThat(entries.failure()).hasMessage("disk on fire");
      assertThat(entries.total()).isEqualTo(1);
    });
    assertThat(output()).hasSize(1);
  }

  @Test
  void aRequestKeepsItsPlaceUntilItsResultIsWritten() throws Exception {
    CountDownLatch reads = new CountDownLatch(1);
    out = new BlockedOutput(reads);
    FakeFetcher fetcher = FakeFetcher.ok();
    int limit = 4;
    inLoop((loop, results) -> {
      Task<?> task = createTask(run(glob("u{1..5000}"), limit, fetcher, results));
      while (fetcher.asked.size() < limit || fetcher.inFlight > 0) {
        sleep(Duration.ZERO);
      }
      IntStream.range(0, 1_000).forEach(i -> sleep(Duration.ZERO));
      assertThat(fetcher.asked).hasSize(limit);
      reads.countDown();
      task.await();
    });
    assertThat(output()).hasSize(5_000);
  }

  @Test
  void cancellationLosesNoResultThatWaitsForTheWriter() throws Exception {
    CountDownLatch reads = new CountDownLatch(1);
    out = new BlockedOutput(reads);
    FakeFetcher fetcher = FakeFetcher.ok();
    inLoop((loop, results) -> {
      Task<?> task = createTask(run(glob("u{1..5000}"), 4, fetcher, results));
      while (fetcher.asked.size() < 4 || fetcher.inFlight > 0) {
        sleep(Duration.ZERO);
      }
      task.cancel();
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
      reads.countDown();
    });
    assertThat(output()).hasSize(4);
  }

  /** Writes nothing before it may. */
  private final class BlockedOutput extends OutputStream {
    private final CountDownLatch open;

    BlockedOutput(CountDownLatch open) {
      this.open = open;
    }

    @Override
    public void write(int b) {
      throw new AssertionError();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      await(open);
      written.write(bytes, offset, length);
    }
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
