package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
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

  private static void ticks() {
    for (int i = 0; i < 20; i++) {
      sleep(Duration.ZERO);
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
      ticks();
      recorder.subscription.request(Long.MAX_VALUE);
      ticks();
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
      ticks();
      recorder.subscription.request(Long.MAX_VALUE);
      ticks();
      recorder.subscription.cancel();
      ticks();
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
      ticks();
      recorder.subscription.request(3);
      ticks();
      recorder.subscription.cancel();
      ticks();
      assertThat(refused[0]).isBetween(1, 100); // others run between two
      while (refused[0] < 1_000) {
        sleep(Duration.ZERO);
      }
      ticks();
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
      ticks();
      recorder.subscription.cancel();
      ticks();
      assertThat(child[0].cancelled()).isTrue();
    });
    assertThat(recorder.told).containsExactly("subscribed");
  }

  @Test
  void anyDemandIsTakenAtOnce() {
    Recorder recorder = new Recorder();
    run(() -> {
      numbers(EventLoop.getRunningLoop(), 3, new ArrayList<>()).subscribe(recorder);
      ticks();
      for (int i = 0; i < 1_000; i++) {
        recorder.subscription.request(1_000_000_000_000L); // step by step it would never end
      }
      recorder.subscription.request(Long.MAX_VALUE);
      ticks();
    });
    assertThat(recorder.told)
        .containsExactly("subscribed", "item 0", "item 1", "item 2", "complete");
  }

  @Test
  void badRequestIsOneErrorAndNothingIsToldAfterIt() {
    Recorder recorder = new Recorder();
    run(() -> {
      numbers(EventLoop.getRunningLoop(), 3, new ArrayList<>()).subscribe(recorder);
      ticks();
      recorder.subscription.request(0);
      recorder.subscription.request(-1);
      recorder.subscription.request(2);
      ticks();
    });
    assertThat(recorder.told).containsExactly("subscribed", "error IllegalArgumentException");
  }

  @Test
  void badRequestAfterTheEndIsIgnored() {
    Recorder recorder = new Recorder();
    run(() -> {
      numbers(EventLoop.getRunningLoop(), 1, new ArrayList<>()).subscribe(recorder);
      ticks();
      recorder.subscription.request(1);
      ticks();
      recorder.subscription.request(0);
      ticks();
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
                      ticks();
                      sink.emit(2);
                    }));
                sleep(Duration.ZERO);
              });
      publisher.subscribe(recorder);
      ticks();
      recorder.subscription.request(10);
      ticks();
      ticks();
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
      ticks();
      recorder.subscription.request(5);
      ticks();
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
      ticks();
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
      ticks();
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
    loop.runUntilComplete(FlowsTest::ticks);
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
    loop.runUntilComplete(() -> ticks());
    publisher.subscribe(late); // and the loop does not run again
    loop.close();
    publisher.subscribe(tooLate);
    assertThat(waiting.told).containsExactly("subscribed", "error CancelledError");
    assertThat(late.told).containsExactly("subscribed", "error IllegalStateException");
    assertThat(tooLate.told).containsExactly("subscribed", "error IllegalStateException");
  }

  // ---- the subscriber's side

  /** A publisher whose calls are made by the test. */
  private static final class Puppet implements Publisher<Integer>, Subscription {
    final List<String> told = new ArrayList<>();
    Subscriber<? super Integer> subscriber;

    @Override
    public void subscribe(Subscriber<? super Integer> given) {
      subscriber = given;
    }

    @Override
    public void request(long count) {
      told.add("request " + count);
    }

    @Override
    public void cancel() {
      told.add("cancel");
    }
  }

  @FunctionalInterface
  private interface Misbehaviour {
    void of(Puppet puppet);
  }

  /** What whoever iterates is told when a publisher has sent 1 and then does that. */
  private static Throwable errorAfter(Misbehaviour misbehaviour, Puppet puppet) {
    Throwable[] thrown = new Throwable[1];
    run(() -> {
      FlowSource<Integer> source = Flows.subscribe(puppet, 2);
      List<Integer> seen = new ArrayList<>();
      Task<?> iterating =
          createTask(() -> {
            for (int item : source) {
              seen.add(item);
            }
          });
      puppet.subscriber.onSubscribe(puppet);
      puppet.subscriber.onNext(1);
      ticks();
      misbehaviour.of(puppet);
      ticks();
      assertThat(seen).startsWith(1);
      assertThat(iterating.done()).isTrue();
      thrown[0] = iterating.exception();
    });
    return thrown[0];
  }

  @Test
  void nullForAnErrorIsAnErrorToBothSides() {
    Puppet puppet = new Puppet();
    Throwable error =
        errorAfter(
            p ->
                assertThatThrownBy(() -> p.subscriber.onError(null))
                    .isInstanceOf(NullPointerException.class),
            puppet);
    assertThat(error).isInstanceOf(NullPointerException.class).hasMessageContaining("as error");
  }

  @Test
  void nullForAnItemIsAnErrorToBothSides() {
    Puppet puppet = new Puppet();
    Throwable error =
        errorAfter(
            p ->
                assertThatThrownBy(() -> p.subscriber.onNext(null))
                    .isInstanceOf(NullPointerException.class),
            puppet);
    assertThat(error).isInstanceOf(NullPointerException.class).hasMessageContaining("as item");
    assertThat(puppet.told).endsWith("cancel");
  }

  @Test
  void nullForASubscriptionReachesWhoIterates() {
    run(() -> {
      Puppet puppet = new Puppet();
      FlowSource<Integer> source = Flows.subscribe(puppet, 2);
      assertThatThrownBy(() -> puppet.subscriber.onSubscribe(null))
          .isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> source.iterator().hasNext())
          .isInstanceOf(NullPointerException.class)
          .hasMessageContaining("as subscription");
    });
  }

  @Test
  void requestThatThrowsReachesWhoIterates() {
    run(() -> {
      List<String> told = new ArrayList<>();
      Publisher<Integer> publisher =
          subscriber ->
              subscriber.onSubscribe(
                  new Subscription() {
                    @Override
                    public void request(long count) {
                      throw new IllegalArgumentException("no requests today");
                    }

                    @Override
                    public void cancel() {
                      told.add("cancel");
                    }
                  });
      FlowSource<Integer> source = Flows.subscribe(publisher, 2);
      assertThatThrownBy(() -> source.iterator().hasNext()).hasMessage("no requests today");
      assertThat(told).containsExactly("cancel");
    });
  }

  @Test
  void moreItemsThanAskedForAreAnError() {
    Puppet puppet = new Puppet();
    Throwable error =
        errorAfter(
            p -> {
              for (int i = 0; i < 100; i++) {
                p.subscriber.onNext(i);
              }
            },
            puppet);
    assertThat(error)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("more items than the 2 that it was asked for");
    assertThat(puppet.told).contains("cancel");
  }

  @Test
  void whatComesAfterTheEndIsIgnored() {
    run(() -> {
      Puppet puppet = new Puppet();
      FlowSource<Integer> source = Flows.subscribe(puppet, 4);
      puppet.subscriber.onSubscribe(puppet);
      puppet.subscriber.onNext(1);
      puppet.subscriber.onComplete();
      puppet.subscriber.onNext(2);
      puppet.subscriber.onError(new IllegalStateException("late"));
      puppet.subscriber.onSubscribe(puppet);
      List<Integer> seen = new ArrayList<>();
      source.forEach(seen::add);
      assertThat(seen).containsExactly(1);
      assertThat(source.iterator().hasNext()).isFalse();
      assertThat(puppet.told).containsExactly("request 4", "cancel"); // the second subscription
    });
  }

  @Test
  void closedSourceRefusesToBeIterated() {
    run(() -> {
      Puppet puppet = new Puppet();
      FlowSource<Integer> source = Flows.subscribe(puppet, 4);
      puppet.subscriber.onSubscribe(puppet);
      puppet.subscriber.onNext(1);
      ticks();
      source.close();
      assertThatThrownBy(() -> source.iterator().hasNext())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    });
  }

  @Test
  void whoeverWaitsForAnItemIsToldThatTheSourceIsClosed() {
    run(() -> {
      Puppet puppet = new Puppet();
      FlowSource<Integer> source = Flows.subscribe(puppet, 4);
      Task<?> first = createTask(() -> source.iterator().hasNext());
      Task<?> second = createTask(() -> source.iterator().hasNext());
      ticks();
      source.close();
      puppet.subscriber.onSubscribe(puppet);
      ticks();
      assertThat(List.of(first, second))
          .allSatisfy(task ->
              assertThatThrownBy(task::result)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("closed"));
      assertThat(puppet.told).containsExactly("cancel"); // a subscription that came too late
    });
  }

  @Test
  void subscriptionThatIsOpenWhenTheLoopClosesIsCancelled() {
    Puppet puppet = new Puppet();
    run(() -> {
      Flows.subscribe(puppet, 4);
      puppet.subscriber.onSubscribe(puppet);
      ticks();
    });
    assertThat(puppet.told).containsExactly("request 4", "cancel");
    puppet.subscriber.onSubscribe(puppet); // and so is one that comes later
    assertThat(puppet.told).endsWith("cancel", "cancel");
  }

  @Test
  void subscriptionThatHasEndedIsNotCancelledWhenTheLoopCloses() {
    Puppet puppet = new Puppet();
    run(() -> {
      Flows.subscribe(puppet, 4);
      puppet.subscriber.onSubscribe(puppet);
      puppet.subscriber.onComplete();
      ticks();
    });
    assertThat(puppet.told).containsExactly("request 4");
  }
}
