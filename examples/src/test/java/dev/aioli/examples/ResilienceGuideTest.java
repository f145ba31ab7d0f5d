package dev.aioli.examples;

import static dev.aioli.Asyncio.await;
import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.timeout;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofNanos;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Runner;
import dev.aioli.Task;
import dev.aioli.ThrowingRunnable;
import dev.aioli.TimeoutException;
import dev.aioli.sync.Event;
import dev.aioli.sync.Semaphore;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.bulkhead.ThreadPoolBulkhead;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What docs/guide/resilience4j.md says, line by line. */
@Timeout(60)
class ResilienceGuideTest {
  private static final RateLimiterConfig ONE_A_SECOND =
      RateLimiterConfig.custom()
          .limitForPeriod(1)
          .limitRefreshPeriod(ofSeconds(1))
          .timeoutDuration(ofSeconds(30))
          .build();

  private int calls;

  // region retry
  /** As retry.executeCallable(body), but suspends between the attempts. */
  static <T> T retrying(Retry retry, Callable<T> body) throws Exception {
    Retry.AsyncContext<T> attempts = retry.asyncContext();
    while (true) {
      long millis;
      try {
        T result = body.call();
        millis = attempts.onResult(result);
        if (millis < 0) { // the result is good
          attempts.onComplete();
          return result;
        }
      } catch (Exception e) { // not CancelledError, which is an Error
        millis = attempts.onError(e);
        if (millis < 0) { // that was the last attempt
          throw e;
        }
      }
      sleep(ofMillis(millis));
    }
  }

  // endregion retry

  // region limiter
  /** As RateLimiter.waitForPermission(limiter), but suspends. */
  static void acquire(RateLimiter limiter) {
    long nanos = limiter.reservePermission();
    if (nanos < 0) { // more than its timeoutDuration
      throw RequestNotPermitted.createRequestNotPermitted(limiter);
    }
    sleep(ofNanos(nanos)); // a cancelled waiter's permission is not given to another
  }

  // endregion limiter

  // region breaker
  /** As breaker.executeCallable(body), which forgets a call that ends by an Error. */
  static <T> T guarded(CircuitBreaker breaker, Callable<T> body) throws Exception {
    try {
      return breaker.executeCallable(body);
    } catch (CancelledError e) {
      breaker.releasePermission(); // neither a success nor a failure
      throw e;
    }
  }

  // endregion breaker

  @Test
  void retryHoldsTheLoop() {
    Retry retry = retry(ofMillis(20));
    run(() -> {
      Task<?> other = createTask(() -> {});
      assertThat(retry.executeCallable(this::failsTwice)).isEqualTo("at last");
      assertThat(other.done()).as("another task has run meanwhile").isFalse();
    });
  }

  @Test
  void aBodyInsideBlockingMayNotSuspend() {
    Retry retry = Retry.of("r", RetryConfig.custom().maxAttempts(1).build());
    assertThatThrownBy(() ->
            run(() -> {
              blocking(() -> retry.executeCallable(() -> getRunningLoop()));
            }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("blocking");
  }

  @Test
  void retryingSuspends() {
    Retry retry = retry(ofMinutes(1));
    List<String> events = new ArrayList<>();
    retry.getEventPublisher().onEvent(event -> events.add(event.getEventType().toString()));
    Duration elapsed =
        inVirtualTime(() -> {
          Task<?> other = createTask(() -> {});
          assertThat(retrying(retry, this::failsTwice)).isEqualTo("at last");
          assertThat(other.done()).isTrue();
        });
    assertThat(elapsed).isEqualTo(ofMinutes(2));
    assertThat(events).containsExactly("RETRY", "RETRY", "SUCCESS");
    assertThat(retry.getMetrics().getNumberOfSuccessfulCallsWithRetryAttempt()).isOne();
  }

  @Test
  void retryingGivesUpAfterTheLastAttempt() {
    Retry retry = retry(ofMillis(1));
    inVirtualTime(() ->
        assertThatThrownBy(() ->
                retrying(
                    retry,
                    () -> {
                      calls++;
                      throw new IOException("down");
                    }))
            .isInstanceOf(IOException.class));
    assertThat(calls).isEqualTo(3);
    assertThat(retry.getMetrics().getNumberOfFailedCallsWithRetryAttempt()).isOne();
  }

  @Test
  void retryingIsCancelledBetweenAttempts() {
    Retry retry = retry(ofDays(1));
    inVirtualTime(() -> {
      Task<?> task = createTask(() -> retrying(retry, this::failsTwice));
      sleep(ofSeconds(1));
      task.cancel();
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
    });
    assertThat(calls).isOne();
  }

  @Test
  void rateLimiterHoldsTheLoop() {
    RateLimiter limiter = RateLimiter.of("r", ONE_A_SECOND);
    run(() -> {
      limiter.acquirePermission();
      Task<?> other = createTask(() -> {});
      limiter.acquirePermission();
      assertThat(other.done()).isFalse();
    });
  }

  @Test
  void rateLimiterInsideBlockingDoesNot() {
    RateLimiter limiter = RateLimiter.of("r", ONE_A_SECOND);
    run(() -> {
      limiter.acquirePermission();
      Task<?> other = createTask(() -> {});
      // region limiter-blocking
      blocking(() -> limiter.acquirePermission()); // then suspend as you like
      // endregion limiter-blocking
      assertThat(other.done()).isTrue();
    });
  }

  @Test
  void reservedPermissionsSuspend() {
    RateLimiter limiter =
        RateLimiter.of(
            "r",
            RateLimiterConfig.custom()
                .limitForPeriod(1)
                .limitRefreshPeriod(ofDays(1))
                .timeoutDuration(ofDays(1).plusHours(1))
                .build());
    Duration elapsed =
        inVirtualTime(() -> {
          acquire(limiter);
          acquire(limiter);
          assertThatThrownBy(() -> acquire(limiter)).isInstanceOf(RequestNotPermitted.class);
        });
    assertThat(elapsed).isBetween(ofHours(23), ofDays(1));
  }

  @Test
  void circuitBreakerWorksAroundCodeThatSuspends() {
    CircuitBreaker breaker = breaker();
    List<String> states = new ArrayList<>();
    run(() -> {
      EventLoop loop = getRunningLoop();
      breaker
          .getEventPublisher()
          .onStateTransition(event -> {
            assertThat(getRunningLoop()).isSameAs(loop); // in the task's turn
            states.add(event.getStateTransition().getToState().toString());
          });
      Task<?> other = createTask(() -> {});
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() ->
                breaker.executeCallable(() -> {
                  sleep(ZERO);
                  throw new IOException("down");
                }))
            .isInstanceOf(IOException.class);
      }
      assertThat(other.done()).isTrue();
      assertThatThrownBy(() -> breaker.executeCallable(() -> "not called"))
          .isInstanceOf(CallNotPermittedException.class);
    });
    assertThat(states).containsExactly("OPEN");
  }

  @Test
  void aCancelledCallKeepsThePermissionOfAHalfOpenBreaker() {
    assertThat(permittedAfterCancellation(CircuitBreaker::executeCallable)).isFalse();
  }

  @Test
  void guardedGivesItBack() {
    assertThat(permittedAfterCancellation(ResilienceGuideTest::guarded)).isTrue();
  }

  private interface Guard {
    Object call(CircuitBreaker breaker, Callable<Object> body) throws Exception;
  }

  private static boolean permittedAfterCancellation(Guard guard) {
    CircuitBreaker breaker = breaker();
    breaker.transitionToOpenState();
    breaker.transitionToHalfOpenState(); // which lets one call through
    return run(() -> {
      Task<?> task =
          createTask(() ->
              guard.call(
                  breaker,
                  () -> {
                    new Event().await();
                    return "";
                  }));
      sleep(ZERO);
      task.cancel();
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
      return breaker.tryAcquirePermission();
    });
  }

  @Test
  void bulkheadThatDoesNotWaitWorks() {
    Bulkhead bulkhead = bulkhead(ZERO);
    run(() -> {
      Event go = new Event();
      Task<?> first =
          createTask(() ->
              bulkhead.executeCallable(() -> {
                go.await();
                return "";
              }));
      sleep(ZERO);
      assertThatThrownBy(() -> bulkhead.executeCallable(() -> "full"))
          .isInstanceOf(BulkheadFullException.class);
      first.cancel();
      assertThatThrownBy(first::await).isInstanceOf(CancelledError.class);
      assertThat(bulkhead.executeCallable(() -> "free again")).isEqualTo("free again");
    });
  }

  @Test
  void bulkheadThatWaitsHoldsTheLoop() {
    Bulkhead bulkhead = bulkhead(ofMillis(20));
    run(() -> {
      bulkhead.acquirePermission();
      Task<?> other = createTask(() -> bulkhead.onComplete()); // would make room
      assertThatThrownBy(() -> bulkhead.acquirePermission())
          .isInstanceOf(BulkheadFullException.class);
      assertThat(other.done()).isFalse();
    });
  }

  @Test
  void bulkheadInsideBlockingDoesNot() {
    Bulkhead bulkhead = bulkhead(ofSeconds(50));
    run(() -> {
      bulkhead.acquirePermission();
      createTask(() -> bulkhead.onComplete());
      blocking(() -> bulkhead.acquirePermission());
    });
  }

  @Test
  void semaphoreInPlaceOfABulkhead() {
    Duration elapsed =
        inVirtualTime(() -> {
          var places = new Semaphore(1);
          Task<?> first =
              createTask(() -> {
                try (var place = places.acquire()) {
                  sleep(ofSeconds(3));
                }
              });
          sleep(ZERO);
          // region bulkhead
          try (var place = timeout(ofSeconds(5), () -> places.acquire())) {
            assertThat(first.done()).isTrue();
          }
          // endregion bulkhead
        });
    assertThat(elapsed).isEqualTo(ofSeconds(3));
  }

  @Test
  void threadPoolBulkheadGivesAStageToAwait() {
    run(() -> {
      try (var bulkhead = ThreadPoolBulkhead.ofDefaults("pool")) {
        // region thread-pool
        String name = await(bulkhead.executeCallable(() -> Thread.currentThread().getName()));
        // endregion thread-pool
        assertThat(name).startsWith("bulkhead-pool");
      }
    });
  }

  @Test
  void timeLimiterHoldsTheLoop() {
    TimeLimiter limiter = TimeLimiter.of(ofSeconds(50));
    run(() -> {
      Task<?> other = createTask(() -> {});
      var later = CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);
      limiter.executeFutureSupplier(() -> CompletableFuture.runAsync(() -> {}, later));
      assertThat(other.done()).isFalse();
    });
  }

  @Test
  void timeoutInPlaceOfATimeLimiter() {
    TimeLimiter limiter = TimeLimiter.of(ofSeconds(2));
    Duration elapsed =
        inVirtualTime(() ->
            assertThatThrownBy(
                    () ->
                        // region time-limiter
                        timeout(
                            limiter.getTimeLimiterConfig().getTimeoutDuration(),
                            () -> sleep(ofSeconds(3)))
                    // endregion time-limiter
                    )
                .isInstanceOf(TimeoutException.class));
    assertThat(elapsed).isEqualTo(ofSeconds(2));
  }

  @Test
  void allTogether() {
    Retry retry = retry(ofMillis(10));
    RateLimiter limiter = RateLimiter.ofDefaults("limiter");
    CircuitBreaker breaker = CircuitBreaker.ofDefaults("breaker");
    inVirtualTime(() -> {
      var places = new Semaphore(10);
      // region together
      String answer =
          retrying(
              retry,
              () -> {
                try (var place = places.acquire()) {
                  acquire(limiter);
                  return guarded(breaker, () -> timeout(ofSeconds(2), () -> failsTwice()));
                }
              });
      // endregion together
      assertThat(answer).isEqualTo("at last");
    });
    assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isEqualTo(2);
    assertThat(breaker.getMetrics().getNumberOfSuccessfulCalls()).isOne();
  }

  private String failsTwice() throws IOException {
    if (++calls < 3) {
      throw new IOException("down");
    }
    return "at last";
  }

  private static Retry retry(Duration wait) {
    return Retry.of("r", RetryConfig.custom().maxAttempts(3).waitDuration(wait).build());
  }

  private static CircuitBreaker breaker() {
    return CircuitBreaker.of(
        "b",
        CircuitBreakerConfig.custom()
            .slidingWindowSize(2)
            .minimumNumberOfCalls(2)
            .permittedNumberOfCallsInHalfOpenState(1)
            .build());
  }

  private static Bulkhead bulkhead(Duration wait) {
    return Bulkhead.of(
        "b", BulkheadConfig.custom().maxConcurrentCalls(1).maxWaitDuration(wait).build());
  }

  private static Duration inVirtualTime(ThrowingRunnable body) {
    VirtualTime time = new VirtualTime();
    try (Runner runner = new Runner(time::newEventLoop)) {
      runner.run(body);
    }
    return time.elapsed();
  }
}
