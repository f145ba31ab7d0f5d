package dev.aioli;

import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.toThread;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
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

  /** Answers the first request when it is told to, and no other. */
  private static final class HttpPeer implements AutoCloseable {
    final ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    final CountDownLatch requested = new CountDownLatch(1);
    final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().start(this::serve);

    HttpPeer() throws IOException {}

    HttpRequest request() {
      return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/"))
          .version(HttpClient.Version.HTTP_1_1)
          .build();
    }

    private void serve() {
      try (Socket peer = server.accept()) {
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(peer.getInputStream(), US_ASCII));
        while (!lines.readLine().isEmpty()) {
          // the head of the request
        }
        requested.countDown();
        mayAnswer.await();
        peer.getOutputStream()
            .write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext".getBytes(US_ASCII));
        peer.getInputStream().read(); // until the client closes
      } catch (IOException | InterruptedException e) {
        // The end of the test.
      }
    }

    @Override
    public void close() throws IOException, InterruptedException {
      server.close();
      thread.interrupt();
      thread.join();
    }
  }

  @Test
  void theJdksHttpClientWaitsBesideTheLoop() {
    run(() -> {
      try (HttpPeer peer = new HttpPeer();
          HttpClient client = HttpClient.newHttpClient()) {
        Task<String> text =
            createTask(() ->
                blocking(() ->
                    client.send(peer.request(), HttpResponse.BodyHandlers.ofString()).body()));
        while (peer.requested.getCount() > 0) {
          yieldOnce(); // the loop goes on
        }
        assertThat(text.done()).isFalse();
        peer.mayAnswer.countDown();
        assertThat(text.await()).isEqualTo("text");
        client.shutdownNow();
      }
    });
  }

  @Test
  void cancelInterruptsTheJdksHttpClient() {
    run(() -> {
      try (HttpPeer peer = new HttpPeer();
          HttpClient client = HttpClient.newHttpClient()) {
        Task<?> exchange =
            createTask(() ->
                blocking(
                    () -> client.send(peer.request(), HttpResponse.BodyHandlers.discarding())));
        while (peer.requested.getCount() > 0) {
          yieldOnce();
        }
        exchange.cancel();
        assertThatThrownBy(exchange::await)
            .isInstanceOf(CancelledError.class)
            .satisfies(e ->
                assertThat(e.getSuppressed())
                    .singleElement()
                    .isInstanceOf(InterruptedException.class));
      }
    });
  }

  @Test
  void aDriversCallWaitsBesideTheLoopAndIsInterrupted() {
    // As a JDBC driver does: a lock around the connection, a monitor around the statement, a read.
    run(() -> {
      try (ServerSocket database = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
          Socket connection = new Socket(database.getInetAddress(), database.getLocalPort());
          Socket peer = database.accept()) {
        ReentrantLock lock = new ReentrantLock();
        Object statement = new Object();
        Callable<Integer> query =
            () -> {
              lock.lockInterruptibly();
              try {
                synchronized (statement) {
                  return connection.getInputStream().read();
                }
              } finally {
                lock.unlock();
              }
            };
        Task<Integer> first = createTask(() -> blocking(query::call));
        while (!lock.isLocked()) {
          yieldOnce();
        }
        Task<Integer> second = createTask(() -> blocking(query::call));
        while (!lock.hasQueuedThreads()) {
          yieldOnce();
        }
        Task<Integer> third = createTask(() -> blocking(query::call));
        while (lock.getQueueLength() < 2) {
          yieldOnce();
        }
        second.cancel();
        assertThatThrownBy(second::await).isInstanceOf(CancelledError.class);
        peer.getOutputStream().write(new byte[] {1, 2});
        assertThat(first.await()).isEqualTo(1);
        assertThat(third.await()).isEqualTo(2);
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
    CompletableFuture<Thread> code = new CompletableFuture<>();
    List<String> events = new ArrayList<>();
    run(() -> {
      Task<?> blocked =
          createTask(() -> {
            try {
              blocking(() -> {
                boolean interrupted = false;
                code.complete(Thread.currentThread());
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
      while (!code.isDone() || code.join().getState() != Thread.State.WAITING) {
        yieldOnce();
      }
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
  void whatBelongsToTheLoopIsOutOfReachInTheCode() {
    run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      for (boolean afterWaiting : new boolean[] {false, true}) {
        blocking(() -> {
          if (afterWaiting) {
            Thread.sleep(1);
          }
          assertThatThrownBy(EventLoop::getRunningLoop)
              .hasMessageContaining("no running event loop");
          assertThatThrownBy(() -> loop.callSoon(() -> {}))
              .hasMessageContaining("expected the turn of");
        });
        loop.callSoon(() -> {}); // the turn is back
      }
    });
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

  // ---- context variables

  @Test
  void codeSeesTheContextOfItsTaskAndWhatItSetsStays() {
    ContextVar<String> user = new ContextVar<>("user", "nobody");
    run(() -> {
      user.set("ann");
      assertThat(Asyncio.<String, RuntimeException>blocking(user::get)).isEqualTo("ann");
      blocking(() -> user.set("bob"));
      assertThat(user.get()).isEqualTo("bob");
      assertThat(Asyncio.<String>toThread(user::get)).isEqualTo("bob");
      assertThat(Asyncio.<String, RuntimeException>blocking(user::get)).isEqualTo("bob");
    });
  }

  @Test
  void contextOfOneTaskIsNotSeenInTheCodeOfAnother() {
    ContextVar<Integer> number = new ContextVar<>("number", -1);
    SynchronousQueue<Integer> rendezvous = new SynchronousQueue<>();
    run(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        int mine = i;
        tasks.add(
            createTask(() -> {
              number.set(mine);
              if (mine % 2 == 0) {
                blocking(() -> rendezvous.put(number.get()));
              } else {
                blocking(() -> rendezvous.take());
              }
              blocking(() -> {
                assertThat(number.get()).isEqualTo(mine);
                number.set(mine + 1_000);
              });
              assertThat(number.get()).isEqualTo(mine + 1_000);
            }));
      }
      gather(tasks);
      assertThat(number.get()).isEqualTo(-1);
      assertThat(Asyncio.<Integer, RuntimeException>blocking(number::get)).isEqualTo(-1);
    });
  }

  @Test
  void contextThatIsEnteredInTheCodeEndsThere() {
    ContextVar<String> user = new ContextVar<>("user", "nobody");
    run(() -> {
      user.set("ann");
      Context other = new Context();
      blocking(() -> {
        other.run(() -> user.set("bob"));
        assertThat(user.get()).isEqualTo("ann");
        Context copy = Context.copyContext();
        copy.run(() -> assertThat(user.get()).isEqualTo("ann"));
      });
      assertThat(user.get()).isEqualTo("ann");
      other.run(() -> assertThat(user.get()).isEqualTo("bob"));
    });
  }

  @Test
  void tokenOfTheTaskIsGoodInTheCode() {
    ContextVar<String> user = new ContextVar<>("user", "nobody");
    run(() -> {
      ContextVar.Token<String> token = user.set("ann");
      blocking(() -> user.reset(token));
      assertThat(user.get()).isEqualTo("nobody");
    });
  }

  // ---- what needs the loop

  @Test
  void callsThatNeedTheLoopAreRefusedWithAHintAtBlocking() {
    run(() -> {
      Future<String> future = EventLoop.getRunningLoop().createFuture();
      List<ThrowingRunnable> calls =
          List.of(
              () -> blocking(() -> {}),
              () -> sleep(Duration.ZERO),
              () -> createTask(() -> {}),
              future::await,
              future::cancel);
      blocking(() ->
          assertThat(calls)
              .allSatisfy(call ->
                  assertThatThrownBy(call::run)
                      .isInstanceOf(IllegalStateException.class)
                      .hasMessageContaining("you are inside blocking(...)")
                      .hasMessageContaining("leave it before you suspend")));
      assertThat(Asyncio.<Integer>toThread(() -> calls.size())).isEqualTo(5);
      toThread(() ->
          assertThatThrownBy(() -> createTask(() -> {}))
              .hasMessageContaining("no running event loop")
              .hasMessageNotContaining("blocking(...)"));
    });
  }
}
