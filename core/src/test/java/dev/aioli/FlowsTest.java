package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Flow.Publisher;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
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
        ticks(20);
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
      ticks(20);
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

  // ---- the publisher's side

  /** Tells what it is told, and answers with a handler for each. */
  private static class Recorder implements Subscriber<Integer> {
    final List<String> told = new ArrayList<>();
    Subscription subscription;

    @Override
    public void onSubscribe(Subscription given) {
      subscription = given;
      told.add("subscribed");
    }

    @Override
    public void onNext(Integer item) {
      told.add("item " + item);
    }

    @Override
    public void onError(Throwable error) {
      told.add("error " + error.getClass().getSimpleName());
    }

    @Override
    public void onComplete() {
      told.add("complete");
    }
  }

  private static Publisher<Integer> endless(EventLoop loop, List<String> events) {
    return Flows.publisher(
        loop,
        sink -> {
          try {
            for (int i = 0; ; i++) {
              sink.emit(i);
            }
          } catch (CancelledError e) {
            events.add(e.getMessage());
            throw e;
          }
        });
  }

  @Test
  void subscriberThatWantsEverythingCanCancelInItsOnNext() {
    List<String> events = new ArrayList<>();
    Recorder recorder =
        new Recorder() {
          @Override
          public void onNext(Integer item) {
            super.onNext(item);
            if (item == 5) {
              subscription.cancel();
            }
          }
        };
    run(() -> {
      endless(EventLoop.getRunningLoop(), events).subscribe(recorder);
      ticks(20);
      recorder.subscription.request(Long.MAX_VALUE);
      ticks(20);
    });
    assertThat(recorder.told)
        .containsExactly("subscribed", "item 0", "item 1", "item 2", "item 3", "item 4", "item 5");
    assertThat(events).containsExactly("the subscriber has cancelled");
  }

  @Test
  void bodyThatNeedNotWaitLetsOthersRun() {
    List<String> events = new ArrayList<>();
    Recorder recorder = new Recorder();
    run(() -> {
      endless(EventLoop.getRunningLoop(), events).subscribe(recorder);
      ticks(20);
      recorder.subscription.request(Long.MAX_VALUE);
      ticks(20);
      recorder.subscription.cancel();
      ticks(20);
    });
    assertThat(recorder.told).hasSizeBetween(100, 2_000); // some 32 in each turn
    assertThat(events).containsExactly("the subscriber has cancelled");
  }

  @Test
  void bodyThatCatchesTheCancellationPublishesNothingMoreAndDoesNotBlockTheLoop() {
    Recorder recorder = new Recorder();
    int[] refused = new int[1];
    run(() -> {
      Publisher<Integer> stubborn =
          Flows.publisher(
              EventLoop.getRunningLoop(),
              sink -> {
                while (refused[0] < 1_000) {
                  try {
                    sink.emit(1);
                  } catch (CancelledError e) {
                    refused[0]++;
                  }
                }
              });
      stubborn.subscribe(recorder);
      ticks(20);
      recorder.subscription.request(3);
      ticks(20);
      recorder.subscription.cancel();
      ticks(20);
      assertThat(refused[0]).isBetween(1, 100); // others run between two
      while (refused[0] < 1_000) {
        sleep(Duration.ZERO);
      }
      ticks(20);
    });
    assertThat(recorder.told).containsExactly("subscribed", "item 1", "item 1", "item 1");
  }

  @Test
  void cancellationReachesTasksOfTheBodyThatWait() {
    List<String> events = new ArrayList<>();
    Recorder recorder = new Recorder();
    run(() -> {
      Task<?>[] child = new Task<?>[1];
      Publisher<Integer> publisher =
          Flows.publisher(
              EventLoop.getRunningLoop(),
              sink -> {
                child[0] = createTask(() -> sink.emit(1));
                sleep(Duration.ofDays(1));
              });
      publisher.subscribe(recorder);
      ticks(20);
      recorder.subscription.cancel();
      ticks(20);
      assertThat(child[0].cancelled()).isTrue();
    });
    assertThat(recorder.told).containsExactly("subscribed");
  }

  @Test
  void anyDemandIsTakenAtOnce() {
    Recorder recorder = new Recorder();
    run(() -> {
      numbers(EventLoop.getRunningLoop(), 3, new ArrayList<>()).subscribe(recorder);
      ticks(20);
      for (int i = 0; i < 1_000; i++) {
        recorder.subscription.request(1_000_000_000_000L); // step by step it would never end
      }
      recorder.subscription.request(Long.MAX_VALUE);
      ticks(20);
    });
    assertThat(recorder.told)
        .containsExactly("subscribed", "item 0", "item 1", "item 2", "complete");
  }

  @Test
  void badRequestIsOneErrorAndNothingIsToldAfterIt() {
    Recorder recorder = new Recorder();
    run(() -> {
      numbers(EventLoop.getRunningLoop(), 3, new ArrayList<>()).subscribe(recorder);
      ticks(20);
      recorder.subscription.request(0);
      recorder.subscription.request(-1);
      recorder.subscription.request(2);
      ticks(20);
    });
    assertThat(recorder.told).containsExactly("subscribed", "error IllegalArgumentException");
  }

  @Test
  void badRequestAfterTheEndIsIgnored() {
    Recorder recorder = new Recorder();
    run(() -> {
      numbers(EventLoop.getRunningLoop(), 1, new ArrayList<>()).subscribe(recorder);
      ticks(20);
      recorder.subscription.request(1);
      ticks(20);
      recorder.subscription.request(0);
      ticks(20);
    });
    assertThat(recorder.told).containsExactly("subscribed", "item 0", "complete");
  }

  @Test
  void tasksThatOutliveTheBodyCannotEmit() {
    Recorder recorder = new Recorder();
    run(() -> {
      List<Task<?>> children = new ArrayList<>();
      Publisher<Integer> publisher =
          Flows.publisher(
              EventLoop.getRunningLoop(),
              sink -> {
                children.add(createTask(() -> sink.emit(1))); // waits when the body ends
                children.add(
                    createTask(() -> {
                      ticks(20);
                      sink.emit(2);
                    }));
                sleep(Duration.ZERO);
              });
      publisher.subscribe(recorder);
      ticks(20);
      recorder.subscription.request(10);
      ticks(20);
      ticks(20);
      assertThat(children)
          .allSatisfy(child ->
              assertThatThrownBy(child::result)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("the subscription is over"));
    });
    assertThat(recorder.told).containsExactly("subscribed", "complete");
  }

  @Test
  void subscriberThatThrowsCountsAsCancelledAndIsReported() {
    List<String> events = new ArrayList<>();
    List<String> reports = new ArrayList<>();
    Recorder recorder =
        new Recorder() {
          @Override
          public void onNext(Integer item) {
            super.onNext(item);
            throw new IllegalStateException("bad subscriber");
          }
        };
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      loop.setExceptionHandler((_, context) -> reports.add(context.toString()));
      endless(loop, events).subscribe(recorder);
      ticks(20);
      recorder.subscription.request(5);
      ticks(20);
    });
    assertThat(recorder.told).containsExactly("subscribed", "item 0");
    assertThat(events).containsExactly("the subscriber has cancelled");
    assertThat(reports)
        .singleElement(as(STRING))
        .contains("onNext of a subscriber has thrown", "bad subscriber");
  }

  @Test
  void subscriberThatThrowsInOnSubscribeGetsNoItemsAndTheBodyDoesNotStart() {
    List<String> reports = new ArrayList<>();
    List<Integer> emitted = new ArrayList<>();
    Recorder recorder =
        new Recorder() {
          @Override
          public void onSubscribe(Subscription given) {
            given.request(5);
            throw new IllegalStateException("bad subscriber");
          }
        };
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      loop.setExceptionHandler((_, context) -> reports.add(context.message()));
      numbers(loop, 3, emitted).subscribe(recorder);
      ticks(20);
    });
    assertThat(recorder.told).isEmpty();
    assertThat(emitted).isEmpty();
    assertThat(reports).singleElement(as(STRING)).contains("onSubscribe");
  }

  @Test
  void taskFactoryThatThrowsIsToldToTheSubscriber() {
    Recorder recorder = new Recorder();
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      loop.setTaskFactory(
          new TaskFactory() {
            @Override
            public <T> Task<T> create(
                EventLoop given, Callable<? extends T> body, TaskOptions options) {
              throw new UnsupportedOperationException("no tasks today");
            }
          });
      numbers(loop, 3, new ArrayList<>()).subscribe(recorder);
      ticks(20);
      loop.setTaskFactory(null);
    });
    assertThat(recorder.told).containsExactly("subscribed", "error UnsupportedOperationException");
  }

  /** Wants to end the loop when it is told the end. */
  private static class LeavesAtTheEnd extends Recorder {
    @Override
    public void onError(Throwable error) {
      super.onError(error);
      throw new SystemExit(5);
    }

    @Override
    public void onComplete() {
      super.onComplete();
      throw new SystemExit(5);
    }
  }

  @Test
  void subscriberThatEndsTheLoopAtItsCloseKeepsNobodyFromBeingTold() {
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((_, _) -> {});
    List<Recorder> recorders = List.of(new LeavesAtTheEnd(), new LeavesAtTheEnd());
    Publisher<Integer> silent = Flows.publisher(loop, sink -> sleep(Duration.ofHours(1)));
    recorders.forEach(silent::subscribe);
    Future<String> future = loop.createFuture();
    var outside = future.toCompletableFuture();
    Task<?> left = loop.createTask(() -> sleep(Duration.ofHours(1)));
    loop.runUntilComplete(() -> ticks(20));
    Task<?> lastOne = loop.createTask(() -> sleep(Duration.ofHours(1)));
    assertThatThrownBy(loop::close).isInstanceOf(SystemExit.class);
    assertThat(recorders).allSatisfy(recorder -> assertThat(recorder.told).hasSize(2));
    assertThat(outside).isCancelled();
    assertThat(left.cancelled() && lastOne.cancelled()).isTrue();
  }

  @Test
  void subscriberThatIsToldTheEndByTheCloseIsToldInTheTurn() {
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((_, _) -> {});
    List<Object> turns = new ArrayList<>();
    Recorder recorder =
        new LeavesAtTheEnd() {
          @Override
          public void onComplete() {
            turns.add(EventLoop.getRunningLoop());
            super.onComplete();
          }
        };
    Flows.<Integer, Exception>publisher(loop, sink -> loop.stop()).subscribe(recorder);
    Task<?> left = loop.createTask(() -> sleep(Duration.ofHours(1)));
    loop.runForever(); // the body has ended, who is to be told of it is in the queue
    loop.callSoonThreadsafe(() -> turns.add("post"));
    assertThatThrownBy(loop::close).isInstanceOf(SystemExit.class);
    assertThat(recorder.told).containsExactly("subscribed", "complete");
    assertThat(turns).containsExactly(loop, "post");
    assertThat(left.cancelled()).isTrue();
  }

  @Test
  void subscriberMustNotBeNull() {
    run(() ->
        assertThatThrownBy(
                () -> numbers(EventLoop.getRunningLoop(), 1, new ArrayList<>()).subscribe(null))
            .isInstanceOf(NullPointerException.class));
  }

  @Test
  void subscribersAreToldThatTheLoopCloses() {
    Recorder waiting = new Recorder();
    Recorder late = new Recorder();
    Recorder tooLate = new Recorder();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((_, _) -> {});
    Publisher<Integer> publisher = numbers(loop, 3, new ArrayList<>());
    publisher.subscribe(waiting);
    loop.runUntilComplete(() -> ticks(20));
    publisher.subscribe(late); // and the loop does not run again
    loop.close();
    publisher.subscribe(tooLate);
    assertThat(waiting.told).containsExactly("subscribed", "error CancelledError");
    assertThat(late.told).containsExactly("subscribed", "error IllegalStateException");
    assertThat(tooLate.told).containsExactly("subscribed", "error IllegalStateException");
  }
}
