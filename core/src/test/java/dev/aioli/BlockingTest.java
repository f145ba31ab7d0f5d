package dev.aioli;

import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** Blocking code beside the loop. Each test would hang if the code kept the turn. */
class BlockingTest {
  private static void yieldOnce() {
    sleep(Duration.ZERO);
  }

  @Test
  void otherTasksRunWhileTheCodeWaits() {
    CountDownLatch latch = new CountDownLatch(1);
    List<String> events = new ArrayList<>();
    run(() -> {
      Task<?> blocked =
          createTask(() -> {
            Thread before = Thread.currentThread();
            blocking(() -> latch.await());
            assertThat(Thread.currentThread()).isSameAs(before);
            events.add("blocked went on");
          });
      Task<?> other =
          createTask(() -> {
            yieldOnce();
            events.add("other ran");
            latch.countDown();
          });
      gather(List.of(blocked, other));
    });
    assertThat(events).containsExactly("other ran", "blocked went on");
  }

  @Test
  void resultAndCheckedExceptionComeOutAsTheyAre() throws IOException {
    String result =
        run(() -> {
          assertThatThrownBy(() ->
                  blocking(() -> {
                    throw new IOException("disk");
                  }))
              .isExactlyInstanceOf(IOException.class)
              .hasMessage("disk");
          return blocking(() -> "result");
        });
    assertThat(result).isEqualTo("result");
  }

  @Test
  void sleepingThreadsWaitSideBySide() {
    run(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      SynchronousQueue<Integer> rendezvous = new SynchronousQueue<>();
      for (int i = 0; i < 200; i++) {
        int number = i;
        tasks.add(
            createTask(() -> {
              if (number % 2 == 0) {
                blocking(() -> rendezvous.put(number));
              } else {
                blocking(() -> rendezvous.take());
              }
            }));
      }
      tasks.add(createTask(() -> blocking(() -> Thread.sleep(5))));
      gather(tasks);
    });
  }

  @Test
  void lockOfAThreadIsWaitedFor() {
    ReentrantLock lock = new ReentrantLock();
    run(() -> {
      Task<?> holder =
          createTask(() -> {
            lock.lock();
            yieldOnce();
            yieldOnce();
            yieldOnce();
            lock.unlock();
          });
      Task<?> waiter = createTask(() -> blocking(() -> lock.lockInterruptibly()));
      gather(List.of(holder, waiter));
    });
    assertThat(lock.isLocked()).isTrue();
  }

  @Test
  void socketIsReadBesideTheLoop() {
    run(() -> {
      try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
        Task<Integer> reader =
            createTask(() ->
                blocking(() -> {
                  try (Socket peer = server.accept()) {
                    return peer.getInputStream().read();
                  }
                }));
        yieldOnce();
        try (Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
          yieldOnce();
          client.getOutputStream().write(42);
          assertThat(reader.await()).isEqualTo(42);
        }
      }
    });
  }

  @Test
  void cancelInterruptsTheCode() {
    run(() -> {
      Task<?> blocked = createTask(() -> blocking(() -> Thread.sleep(Duration.ofDays(1))));
      yieldOnce();
      yieldOnce();
      blocked.cancel("enough");
      assertThatThrownBy(blocked::await)
          .isInstanceOf(CancelledError.class)
          .hasMessage("enough")
          .satisfies(e ->
              assertThat(e.getSuppressed())
                  .singleElement()
                  .isInstanceOf(InterruptedException.class));
    });
  }

  @Test
  void cancelOfCodeThatEndsNormallyIsDeliveredAtItsEnd() {
    CountDownLatch latch = new CountDownLatch(1);
    List<String> events = new ArrayList<>();
    run(() -> {
      Task<?> blocked =
          createTask(() -> {
            try {
              blocking(() -> {
                boolean interrupted = false;
                while (latch.getCount() > 0) {
                  try {
                    latch.await();
                  } catch (InterruptedException e) {
                    interrupted = true;
                  }
                }
                events.add("interrupted: " + interrupted);
              });
            } finally {
              events.add("flag left: " + Thread.currentThread().isInterrupted());
            }
          });
      yieldOnce();
      yieldOnce();
      blocked.cancel();
      assertThat(blocked.done()).isFalse();
      latch.countDown();
      assertThatThrownBy(blocked::await).isInstanceOf(CancelledError.class);
    });
    assertThat(events).containsExactly("interrupted: true", "flag left: false");
  }

  @Test
  void timeoutEndsTheCode() {
    run(() ->
        assertThatThrownBy(() ->
                Asyncio.timeout(
                    Duration.ofMillis(5), () -> blocking(() -> Thread.sleep(Duration.ofDays(1)))))
            .isInstanceOf(TimeoutException.class));
  }

  @Test
  void closingTheLoopInterruptsTheCode() {
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((l, context) -> {});
    CountDownLatch entered = new CountDownLatch(1);
    Task<?> blocked =
        loop.createTask(() ->
            blocking(() -> {
              entered.countDown();
              Thread.sleep(Duration.ofDays(1));
            }));
    loop.runUntilComplete(() -> {
      yieldOnce();
      blocking(() -> entered.await());
    });
    loop.close();
    assertThat(blocked.cancelled()).isTrue();
  }

  @Test
  void manyHandOversBetweenThreadsAndTasksLoseNothing() {
    LinkedBlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
    Thread producer =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < 20_000; i++) {
                queue.add(i);
                if (i % 100 == 0) {
                  Thread.yield();
                }
              }
            });
    int[] sum = new int[1];
    run(() -> {
      List<Task<?>> takers = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        takers.add(
            createTask(() -> {
              for (int i = 0; i < 5_000; i++) {
                int item = blocking(() -> queue.take());
                sum[0] += item; // with the turn again: no race
              }
            }));
      }
      gather(takers);
    });
    assertThat(sum[0]).isEqualTo(20_000 * (20_000 - 1) / 2);
    assertThat(producer).isNotNull();
  }

  @Test
  void callbackCannotBlock() {
    VirtualTime.run(() -> {
      List<Throwable> thrown = new ArrayList<>();
      Asyncio.getRunningLoop()
          .callSoon(() -> {
            try {
              blocking(() -> "x");
            } catch (IllegalStateException e) {
              thrown.add(e);
            }
          });
      sleep(Duration.ofMillis(1));
      assertThat(thrown)
          .singleElement()
          .extracting(Throwable::getMessage)
          .asString()
          .contains("a callback cannot call blocking code");
    });
  }
}
