package dev.aioli.cli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BacklogTest {
  private final VirtualTime time = new VirtualTime();
  private final List<Integer> room = new ArrayList<>();

  private Backlog backlog(int perHost, @Nullable String rate, int capacity) {
    Rate parsed = rate == null ? null : Rate.parse(rate);
    return new Backlog(new Backlog.Limits(perHost, parsed), capacity, room::add);
  }

  private static List<Entry> urls(String... urls) {
    return Arrays.stream(urls).<Entry>map(url -> new FetchRequest("http://" + url)).toList();
  }

  private static Entry urgent(String url) {
    String full = "http://" + url;
    return new FetchRequest(full, TargetUrl.parse(full), -1, RequestTemplate.GET);
  }

  private static String url(Backlog.@Nullable Job job) {
    Entry entry = Objects.requireNonNull(job).entry();
    return ((FetchRequest) entry).url().replace("http://", "");
  }

  @Test
  void aBusyHostKeepsNobodyElseWaiting() {
    time.run(() -> {
      Backlog backlog = backlog(2, null, 100);
      backlog.add(urls("a/1", "a/2", "a/3", "a/4", "b/1"));
      Backlog.Job first = backlog.take();
      assertThat(url(first)).isEqualTo("a/1");
      assertThat(url(backlog.take())).isEqualTo("a/2");
      assertThat(url(backlog.take())).isEqualTo("b/1");
      Task<Backlog.@Nullable Job> next = createTask(backlog::take);
      sleep(Duration.ofSeconds(1));
      assertThat(next.done()).isFalse();
      backlog.done(Objects.requireNonNull(first));
      assertThat(url(next.await())).isEqualTo("a/3");
    });
  }

  @Test
  void theLineOfAHostIsInOrderOfPriority() {
    time.run(() -> {
      Backlog backlog = backlog(1, null, 100);
      backlog.add(urls("a/1", "a/2", "b/1"));
      Backlog.Job first = backlog.take();
      Backlog.Job other = backlog.take(); // a/2 waits in line now
      assertThat(url(other)).isEqualTo("b/1");
      backlog.add(List.of(urgent("a/3")));
      backlog.done(Objects.requireNonNull(first));
      assertThat(url(backlog.take())).isEqualTo("a/3");
    });
  }

  @Test
  void portsAreHostsOfTheirOwn() {
    time.run(() -> {
      Backlog backlog = backlog(1, null, 100);
      backlog.add(urls("a/1", "a:80/2", "a:81/1", "A/3"));
      assertThat(url(backlog.take())).isEqualTo("a/1");
      assertThat(url(backlog.take())).isEqualTo("a:81/1");
      assertThat(createTask(backlog::take).done()).isFalse();
      sleep(Duration.ZERO);
      assertThat(backlog.waiting()).isZero();
    });
  }

  @Test
  void theMostUrgentGoesWhenThereIsAToken() {
    time.run(() -> {
      Backlog backlog = backlog(0, "1/s", 100);
      backlog.add(urls("a", "b"));
      assertThat(url(backlog.take())).isEqualTo("a");
      Task<Backlog.@Nullable Job> next = createTask(backlog::take);
      sleep(Duration.ofMillis(500));
      backlog.add(List.of(urgent("c")));
      assertThat(url(next.await())).isEqualTo("c");
      assertThat(time.millis()).isEqualTo(1_000);
      assertThat(url(backlog.take())).isEqualTo("b");
      assertThat(time.millis()).isEqualTo(2_000);
    });
  }

  @Test
  void badLinesTakeNoToken() {
    time.run(() -> {
      Backlog backlog = backlog(0, "1/s", 100);
      backlog.add(List.of(new BadLine("x", "no"), new BadLine("y", "no")));
      backlog.add(urls("a"));
      for (int i = 0; i < 3; i++) {
        backlog.take();
      }
      assertThat(time.millis()).isZero();
    });
  }

  @Test
  void whatIsTriedAgainComesBackInItsTimeAndPlace() {
    time.run(() -> {
      Backlog backlog = backlog(0, null, 100);
      backlog.add(urls("a", "b", "c"));
      Backlog.Job job = Objects.requireNonNull(backlog.take());
      assertThat(job.attempts()).isEqualTo(1);
      backlog.retry(job, Duration.ofSeconds(3));
      assertThat(url(backlog.take())).isEqualTo("b");
      sleep(Duration.ofSeconds(4));
      assertThat(url(backlog.take())).isEqualTo("a"); // before c, as at first
      assertThat(job.attempts()).isEqualTo(2);
    });
  }

  @Test
  void endsWhenAllIsDoneAndNothingWillBeTriedAgain() {
    time.run(() -> {
      Backlog backlog = backlog(1, null, 100);
      backlog.add(urls("a", "b"));
      backlog.end();
      Backlog.Job a = Objects.requireNonNull(backlog.take());
      backlog.retry(a, Duration.ofSeconds(7));
      backlog.done(Objects.requireNonNull(backlog.take()));
      Task<Backlog.@Nullable Job> again = createTask(backlog::take);
      Task<Backlog.@Nullable Job> end = createTask(backlog::take);
      assertThat(again.await()).isSameAs(a);
      assertThat(time.millis()).isEqualTo(7_000);
      assertThat(end.done()).isFalse();
      backlog.done(a);
      assertThat(end.await()).isNull();
    });
  }

  @Test
  void whatWaitsToBeTriedAgainTakesTheRoomOfTheReader() {
    time.run(() -> {
      Backlog backlog = backlog(0, null, 4);
      backlog.add(urls("a", "b", "c", "d"));
      Backlog.Job a = Objects.requireNonNull(backlog.take());
      backlog.take();
      assertThat(room).containsExactly(1, 1);
      backlog.retry(a, Duration.ofSeconds(1));
      backlog.take();
      assertThat(room).containsExactly(1, 1);
      backlog.take();
      assertThat(room).containsExactly(1, 1, 1);
      assertThat(backlog.take()).isSameAs(a);
      assertThat(room).containsExactly(1, 1, 1, 1);
    });
  }
}
