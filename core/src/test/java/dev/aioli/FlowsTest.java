package dev.aioli;

import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow.Publisher;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.Test;

class FlowsTest {
  private static Publisher<Integer> numbers(EventLoop loop, int count, List<Integer> emitted) {
    return Flows.publisher(
        loop,
        sink -> {
          for (int i = 0; i < count; i++) {
            sink.emit(i);
            emitted.add(i);
          }
        });
  }

  @Test
  void itemsOfAPublisherInOtherThreadsArriveInOrderAndEnd() {
    run(() -> {
      try (SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>();
          FlowSource<Integer> source = Flows.subscribe(publisher, 4)) {
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < 1_000; i++) {
                publisher.submit(i); // blocks while the subscriber has asked for no more
              }
              publisher.close();
            });
        int next = 0;
        for (int item : source) {
          assertThat(item).isEqualTo(next++);
        }
        assertThat(next).isEqualTo(1_000);
      }
    });
  }

  @Test
  void publisherWaitsUntilItsSubscriberAsks() {
    run(() -> {
      List<Integer> emitted = new ArrayList<>();
      try (FlowSource<Integer> source =
          Flows.subscribe(numbers(EventLoop.getRunningLoop(), 100, emitted), 3)) {
        for (int i = 0; i < 20; i++) {
          sleep(Duration.ZERO);
        }
        assertThat(emitted).containsExactly(0, 1, 2);
        List<Integer> seen = new ArrayList<>();
        source.forEach(seen::add);
        assertThat(seen).hasSize(100).isSorted();
      }
    });
  }

  @Test
  void errorOfThePublisherComesAfterItsItems() {
    run(() -> {
      Publisher<String> publisher =
          Flows.publisher(
              EventLoop.getRunningLoop(),
              sink -> {
                sink.emit("one");
                throw new IllegalArgumentException("boom");
              });
      List<String> seen = new ArrayList<>();
      try (FlowSource<String> source = Flows.subscribe(publisher, 8)) {
        assertThatThrownBy(() -> source.forEach(seen::add)).hasMessage("boom");
      }
      assertThat(seen).containsExactly("one");
    });
  }

  @Test
  void closingTheSourceCancelsThePublishersTask() {
    run(() -> {
      List<Integer> emitted = new ArrayList<>();
      List<String> events = new ArrayList<>();
      Publisher<Integer> endless =
          Flows.publisher(
              EventLoop.getRunningLoop(),
              sink -> {
                try {
                  for (int i = 0; ; i++) {
                    sink.emit(i);
                    emitted.add(i);
                  }
                } finally {
                  events.add("ended");
                }
              });
      FlowSource<Integer> source = Flows.subscribe(endless, 2);
      assertThat(source.iterator().next()).isZero();
      source.close();
      for (int i = 0; i < 20; i++) {
        sleep(Duration.ZERO);
      }
      assertThat(events).containsExactly("ended");
      assertThat(emitted).hasSizeLessThan(5);
    });
  }

  @Test
  void bufferMustHoldAnItem() {
    run(() ->
        assertThatThrownBy(() -> Flows.subscribe(subscriber -> {}, 0))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("expected bufferSize >= 1, was 0"));
  }
}
