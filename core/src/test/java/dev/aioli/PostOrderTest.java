package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One order for all that is scheduled: posts stand in it where they were made. */
class PostOrderTest {
  private final List<String> order = new ArrayList<>();

  private void post(EventLoop loop, String name) {
    loop.callSoonThreadsafe(() -> order.add(name));
  }

  /** Has another thread post, and waits until it has. */
  private void postFromThread(EventLoop loop, String... names) throws InterruptedException {
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              for (String name : names) {
                post(loop, name);
              }
            });
    thread.join();
  }

  @Test
  void postInTheTurnIsNotOvertakenByALaterCallback() {
    VirtualTime.run(() -> {
      EventLoop loop = getRunningLoop();
      loop.callSoon(() -> order.add("before"));
      post(loop, "posted");
      loop.callSoon(() -> order.add("after"));
      post(loop, "posted again");
      loop.callSoon(() -> order.add("last"));
      ticks(2);
      assertThat(order).containsExactly("before", "posted", "after", "posted again", "last");
    });
  }

  @Test
  void postInTheTurnIsNotOvertakenByALaterTask() {
    VirtualTime.run(() -> {
      post(getRunningLoop(), "posted");
      createTask(() -> order.add("task"));
      ticks(2);
      assertThat(order).containsExactly("posted", "task");
    });
  }

  @Test
  void postInTheTurnIsNotOvertakenByThoseWhoWaitForALaterResult() {
    VirtualTime.run(() -> {
      Future<String> future = getRunningLoop().createFuture();
      future.addDoneCallback(done -> order.add("callback"));
      createTask(() -> order.add(future.await()));
      ticks(2);
      post(getRunningLoop(), "posted");
      future.setResult("awaited");
      ticks(2);
      assertThat(order).containsExactly("posted", "callback", "awaited");
    });
  }

  @Test
  void postInTheTurnIsNotOvertakenByTheTaskThatYields() {
    VirtualTime.run(() -> {
      post(getRunningLoop(), "posted");
      ticks(1);
      order.add("went on");
      assertThat(order).containsExactly("posted", "went on");
    });
  }

  @Test
  void postInTheTurnIsNotOvertakenByATimerThatIsDue() {
    VirtualTime.run(() -> {
      EventLoop loop = getRunningLoop();
      loop.callLater(Duration.ZERO, () -> order.add("timer"));
      post(loop, "posted");
      ticks(2);
      assertThat(order).containsExactly("posted", "timer");
    });
  }

  @Test
  void postOfACallbackRunsInTheNextIteration() {
    VirtualTime time = new VirtualTime();
    List<Integer> iterations = new ArrayList<>();
    try (Runner runner = new Runner(time::newLoop)) {
      runner.run(() -> {
        EventLoop loop = getRunningLoop();
        loop.callSoon(() -> {
          iterations.add(time.iterations());
          loop.callSoonThreadsafe(() -> iterations.add(time.iterations()));
          loop.callSoon(() -> iterations.add(time.iterations()));
        });
        ticks(3);
      });
    }
    int first = iterations.getFirst();
    assertThat(iterations).containsExactly(first, first + 1, first + 1);
  }

  @Test
  void postOfAThreadThatTheTurnWaitedForIsNotOvertaken() {
    VirtualTime.run(() -> {
      EventLoop loop = getRunningLoop();
      post(loop, "turn");
      postFromThread(loop, "thread 1", "thread 2");
      loop.callSoon(() -> order.add("after"));
      ticks(2);
      assertThat(order).containsExactly("turn", "thread 1", "thread 2", "after");
    });
  }

  @Test
  void postOfBlockingCodeIsNotOvertakenByItsTask() {
    Asyncio.run(() -> {
      EventLoop loop = getRunningLoop();
      Asyncio.blocking(() -> post(loop, "posted"));
      loop.callSoon(() -> order.add("after"));
      ticks(2);
      assertThat(order).containsExactly("posted", "after");
    });
  }

  @Test
  void stoppedLoopKeepsTheOrderOfItsOwnerAndOfThreadsThatHaveEnded() throws Exception {
    try (EventLoop loop = new VirtualTime().newLoop()) {
      postFromThread(loop, "thread");
      loop.callSoon(() -> order.add("callback"));
      post(loop, "owner");
      Task<?> task = loop.createTask(() -> order.add("task"));
      postFromThread(loop, "another thread");
      loop.callSoon(loop::stop);
      loop.runForever();
      assertThat(order).containsExactly("thread", "callback", "owner", "task", "another thread");
      assertThat(task.done()).isTrue();
    }
  }

  @Test
  void whatIsPostedBehindAStopWaitsForTheNextRun() {
    try (EventLoop loop = new VirtualTime().newLoop()) {
      loop.callSoon(() -> {
        loop.stop();
        post(loop, "posted");
        loop.callSoon(() -> order.add("after"));
      });
      loop.runForever();
      assertThat(order).isEmpty();
      loop.callSoon(loop::stop);
      loop.runForever();
      assertThat(order).containsExactly("posted", "after");
    }
  }

  @Test
  void closeRunsWhatWasPostedAndDropsWhatWasScheduledInBetween() {
    EventLoop loop = new VirtualTime().newLoop();
    post(loop, "posted");
    loop.callSoon(() -> order.add("after"));
    post(loop, "posted again");
    loop.close();
    assertThat(order).containsExactly("posted", "posted again");
  }

  @Test
  void postsOfEachThreadKeepTheirOrderWhileTheTurnSchedules() {
    int posts = 20_000;
    List<List<Integer>> seen = List.of(new ArrayList<>(), new ArrayList<>());
    List<Integer> own = new ArrayList<>();
    Asyncio.run(() -> {
      EventLoop loop = getRunningLoop();
      List<Thread> threads = new ArrayList<>();
      for (List<Integer> one : seen) {
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  for (int i = 0; i < posts; i++) {
                    int number = i;
                    loop.callSoonThreadsafe(() -> one.add(number));
                  }
                }));
      }
      for (int i = 0; seen.stream().anyMatch(one -> one.size() < posts); i += 2) {
        int number = i;
        loop.callSoonThreadsafe(() -> own.add(number));
        loop.callSoon(() -> own.add(number + 1));
        ticks(1);
      }
      for (Thread thread : threads) {
        thread.join();
      }
    });
    List<Integer> all = IntStream.range(0, posts).boxed().toList();
    assertThat(seen.get(0)).isEqualTo(all);
    assertThat(seen.get(1)).isEqualTo(all);
    assertThat(own).isEqualTo(IntStream.range(0, own.size()).boxed().toList());
  }
}
