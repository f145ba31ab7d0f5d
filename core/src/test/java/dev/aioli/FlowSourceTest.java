package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow.Publisher;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;
import org.junit.jupiter.api.Test;

/** A task that iterates over a publisher: one that breaks the rules, and one that is left. */
class FlowSourceTest {
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
      ticks(20);
      misbehaviour.of(puppet);
      ticks(20);
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
      ticks(20);
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
      ticks(20);
      source.close();
      puppet.subscriber.onSubscribe(puppet);
      ticks(20);
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
      ticks(20);
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
      ticks(20);
    });
    assertThat(puppet.told).containsExactly("request 4");
  }
}
