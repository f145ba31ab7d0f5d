package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.http.Headers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RetryPolicyTest {
  private static final FetchRequest GET = new FetchRequest("http://h/");
  private static final InstantSource NOON =
      InstantSource.fixed(Instant.parse("2026-02-03T12:00:00Z"));

  private static RetryPolicy policy(RandomGenerator random) {
    return new RetryPolicy(5, Duration.ofSeconds(20), false, random, NOON);
  }

  private static final RetryPolicy POLICY = policy(new Random(1));

  private static FetchResult status(int status, int attempts) {
    return FetchResult.of(GET, new Fetcher.Response(status, 0), 1, attempts);
  }

  private static FetchResult retryAfter(String value) {
    Headers headers = Headers.of("Retry-After", value);
    var response = new Fetcher.Response(503, 0, headers, null, null, null);
    return FetchResult.of(GET, response, 1, 1);
  }

  private static FetchResult error(ErrorType type) {
    return FetchResult.failed(GET, new FetchError(type, "x"), 1, 1);
  }

  @ParameterizedTest
  @CsvSource({"200,false", "301,false", "404,false", "500,false", "429,true", "502,true"})
  void someStatusesPass(int status, boolean again) {
    assertThat(POLICY.delay(GET, status(status, 1)) != null).isEqualTo(again);
  }

  @ParameterizedTest
  @EnumSource(ErrorType.class)
  void failuresOfTheNetworkPass(ErrorType type) {
    boolean again =
        switch (type) {
          case TIMEOUT, CONNECT, DISCONNECTED -> true;
          case STATUS, PROTOCOL, REDIRECT, BODY_TOO_LARGE, FILE, INPUT, OTHER -> false;
        };
    assertThat(POLICY.delay(GET, error(type)) != null).isEqualTo(again);
  }

  @Test
  void triesOnceMoreThanItRetries() {
    assertThat(POLICY.delay(GET, status(503, 5))).isNotNull();
    assertThat(POLICY.delay(GET, status(503, 6))).isNull();
    assertThat(RetryPolicy.NONE.delay(GET, status(503, 1))).isNull();
  }

  @Test
  void whatIsNotIdempotentIsRepeatedOnlyIfThatIsWanted() {
    var template = new RequestTemplate("POST", Headers.EMPTY, null);
    FetchRequest post = new FetchRequest(GET.url(), GET.target(), 0, template);
    assertThat(POLICY.delay(post, status(503, 1))).isNull();
    RetryPolicy any = new RetryPolicy(5, Duration.ofSeconds(20), true, new Random(1), NOON);
    assertThat(any.delay(post, status(503, 1))).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({"1, 500", "2, 1000", "3, 2000", "4, 4000", "5, 8000"})
  void theDelayIsAnythingUpToABoundThatDoubles(int attempts, long mostMillis) {
    RetryPolicy policy = policy(new Random(42));
    long sum = 0;
    long longest = 0;
    for (int i = 0; i < 1_000; i++) {
      @Nullable Duration delay = policy.delay(GET, status(503, attempts));
      assertThat(delay).isBetween(Duration.ZERO, Duration.ofMillis(mostMillis));
      sum += delay.toMillis();
      longest = Math.max(longest, delay.toMillis());
    }
    assertThat(sum / 1_000).isBetween(mostMillis * 45 / 100, mostMillis * 55 / 100);
    assertThat(longest).isGreaterThan(mostMillis * 95 / 100);
  }

  @Test
  void theDelayHasACap() {
    RetryPolicy endless =
        new RetryPolicy(10_000, Duration.ofSeconds(20), false, new Random(3), NOON);
    assertThat(endless.delay(GET, status(503, 9_999)))
        .isBetween(Duration.ZERO, Duration.ofSeconds(20));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0                             | 0",
        "7                             | 7",
        "3600                          | 20",
        "99999999999999999999          | 20",
        "Tue, 3 Feb 2026 12:00:09 GMT  | 9",
        "Tue, 03 Feb 2026 11:00:00 GMT | 0",
        "Tuesday, 03-Feb-26 12:00:08 GMT | 8",
        "Tue Feb  3 12:00:07 2026      | 7",
        "Tue, 03 Feb 2026 12:00:06 UTC | 6",
        "Wed, 04 Feb 2026 11:00:00 GMT | 20",
      })
  void theServersWishIsRespectedUpToTheCap(String value, long seconds) {
    assertThat(POLICY.delay(GET, retryAfter(value))).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @CsvSource({"soon", "-5", "1.5", "Tomorrow", "2026-02-03T12:00:09Z", "3 Feb 2026"})
  void aWishThatMakesNoSenseIsIgnored(String value) {
    assertThat(POLICY.delay(GET, retryAfter(value)))
        .isBetween(Duration.ZERO, Duration.ofMillis(500));
  }
}
