package dev.aioli.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.Engine;
import dev.aioli.EventLoop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.DataInputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
@ExtendWith(NoLeak.class)
class NettyPollerTest {
  private interface Body {
    void run(EventLoop loop, NettyPoller poller) throws Exception;
  }

  /** Runs a body as a task on a loop with the transport; nothing if it cannot run here. */
  private static void on(IoTransport transport, Body body) {
    if (transport.unavailable() != null) {
      return;
    }
    try (EventLoop loop = EventLoop.newEventLoop()) {
      NettyPoller poller = NettyPoller.install(loop, transport);
      loop.runUntilComplete(() -> {
        body.run(loop, poller);
        return null;
      });
    }
  }

  @Test
  void isInstalledOnceAndOnFirstUse() {
    Asyncio.run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      assertThat(loop.poller()).isNotInstanceOf(NettyPoller.class);
      NettyPoller poller = NettyPoller.of(loop);
      assertThat(loop.poller()).isSameAs(poller);
      assertThat(NettyPoller.of(loop)).isSameAs(poller);
      Asyncio.sleep(Duration.ofMillis(1));
    });
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptOfTheThreadInRunEndsItsWaitForSockets(IoTransport transport) {
    if (transport.unavailable() != null) {
      return;
    }
    Thread runner = Thread.currentThread();
    assertThatThrownBy(() ->
            Asyncio.run(() -> {
              EventLoop loop = EventLoop.getRunningLoop();
              NettyPoller.install(loop, transport);
              Asyncio.sleep(Duration.ofMillis(1)); // it has waited once
              Thread.ofPlatform().start(runner::interrupt);
              loop.createFuture().await();
            }))
        .isInstanceOf(CancelledError.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void theTransportCanBeForced() {
    assertThat(IoTransport.choose("nio", false)).isEqualTo(IoTransport.NIO);
    assertThat(IoTransport.choose(null, true)).isEqualTo(IoTransport.NIO);
    assertThatThrownBy(() -> IoTransport.choose("io_uring", false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("epoll, kqueue, nio")
        .hasMessageContaining("'io_uring'");
  }

  /** It is a test dependency: a loop on a platform thread gets the system's own poller. */
  @Test
  @EnabledOnOs(
      value = {OS.LINUX, OS.MAC},
      architectures = {"amd64", "x86_64", "aarch64"})
  void theNativeLibraryIsUsedWhereItIsThere() {
    assertThat(IoTransport.choose(null, false)).isNotEqualTo(IoTransport.NIO);
  }

  @Test
  void choiceIsExplained() {
    assertThat(IoTransport.EPOLL.reason(false)).isEqualTo("waits for sockets by epoll");
    assertThat(IoTransport.NIO.reason(true)).contains("virtual thread");
    assertThat(IoTransport.NIO.reason(false))
        .contains("io.netty:netty-transport-native-epoll", "linux-x86_64", "osx-aarch_64");
  }

  @ParameterizedTest
  @EnumSource
  void noPostFromAnotherThreadIsLost(IoTransport transport) {
    int posts = 200_000;
    on(
        transport,
        (loop, poller) -> {
          // Each post is made when the one before has run, so the loop is idle or about to be.
          Semaphore ran = new Semaphore(0);
          AtomicInteger count = new AtomicInteger();
          Asyncio.toThread(() -> {
            for (int i = 0; i < posts; i++) {
              loop.callSoonThreadsafe(() -> {
                count.incrementAndGet();
                ran.release();
              });
              ran.acquire();
            }
            return true;
          });
          assertThat(count).hasValue(posts);
        });
  }

  @ParameterizedTest
  @EnumSource
  void timersAreNeverEarlyAndDoNotSpin(IoTransport transport) {
    on(
        transport,
        (loop, poller) -> {
          Asyncio.sleep(Duration.ofMillis(1));
          for (int micros : new int[] {200, 400, 700, 1000, 1400, 2000}) {
            long before = poller.polls();
            long start = System.nanoTime();
            Asyncio.sleep(Duration.ofNanos(micros * 1000L));
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(micros * 1000L);
            assertThat(poller.polls() - before).as("polls in %d us", micros).isLessThan(10);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptedLoopDoesNotSpin(IoTransport transport) {
    on(
        transport,
        (loop, poller) -> {
          var passed = loop.<Boolean>createFuture();
          long before = poller.polls();
          loop.callSoon(() -> Thread.currentThread().interrupt());
          loop.callLater(Duration.ofMillis(30), () -> passed.setResult(true));
          assertThat(passed.await()).isTrue();
          assertThat(poller.polls() - before).isLessThan(10);
        });
  }

  /** Answers every byte by the same one. */
  @Sharable
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(message);
    }
  }

  private static final class Collector extends ChannelInboundHandlerAdapter {
    private final Consumer<Integer> onByte;

    Collector(Consumer<Integer> onByte) {
      this.onByte = onByte;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      while (bytes.isReadable()) {
        onByte.accept((int) bytes.readByte());
      }
      bytes.release();
    }
  }

  @ParameterizedTest
  @EnumSource
  void handlersRunInTheTurnAndCompleteFutures(IoTransport transport) {
    on(
        transport,
        (loop, poller) -> {
          Channel server = Sockets.listen("127.0.0.1", 0, 10, new Echo());
          var address = (InetSocketAddress) server.localAddress();
          var answer = loop.<Integer>createFuture();
          Channel client =
              Sockets.connect("localhost", address.getPort(), new Collector(answer::setResult));
          poller.post(() -> {
            var _ = client.writeAndFlush(client.alloc().buffer().writeByte(7));
          });
          assertThat(answer.await()).isEqualTo(7);
          assertThat(loop.currentTask()).isNotNull();
          poller.close(client);
          poller.close(server);
        });
  }

  @ParameterizedTest
  @EnumSource
  void busyCallbacksDoNotStarveIo(IoTransport transport) {
    on(
        transport,
        (loop, poller) -> {
          Channel server = Sockets.listen("127.0.0.1", 0, 10, new Echo());
          var address = (InetSocketAddress) server.localAddress();
          boolean[] stop = {false};
          Runnable[] chain = new Runnable[1];
          chain[0] =
              () -> {
                if (!stop[0]) {
                  loop.callSoon(chain[0]);
                }
              };
          loop.callSoon(chain[0]);
          int echoed =
              Asyncio.toThread(() -> {
                try (Socket socket = new Socket("127.0.0.1", address.getPort())) {
                  socket.getOutputStream().write(new byte[] {1, 2, 3});
                  return new DataInputStream(socket.getInputStream()).readNBytes(3).length;
                }
              });
          stop[0] = true;
          assertThat(echoed).isEqualTo(3);
        });
  }

  @ParameterizedTest
  @EnumSource
  void aLoopThatChangesThreadsKeepsItsChannels(IoTransport transport) throws Exception {
    if (transport.unavailable() != null) {
      return;
    }
    EventLoop loop = EventLoop.newEventLoop();
    NettyPoller poller = NettyPoller.install(loop, transport);
    Channel[] client = new Channel[1];
    int[] got = {0};
    loop.runUntilComplete(() -> {
      Channel server = Sockets.listen("127.0.0.1", 0, 10, new Echo());
      var address = (InetSocketAddress) server.localAddress();
      client[0] = Sockets.connect("127.0.0.1", address.getPort(), new Collector(b -> got[0] += b));
      return null;
    });
    Thread other =
        Thread.ofPlatform()
            .start(() ->
                loop.runUntilComplete(() -> {
                  poller.post(() -> {
                    var _ = client[0].writeAndFlush(client[0].alloc().buffer().writeByte(5));
                  });
                  while (got[0] == 0) {
                    Asyncio.sleep(Duration.ZERO);
                  }
                  return null;
                }));
    other.join();
    assertThat(got[0]).isEqualTo(5);
    assertThat(client[0].isOpen()).isTrue();
    loop.close();
    assertThat(client[0].isOpen()).isFalse();
    assertThat(poller.group().isTerminated()).isTrue();
  }

  @Test
  void aLoopOnAVirtualThreadDoesNotHoldItsCarrier() {
    try (EventLoop loop = EventLoop.builder().engine(Engine.HAND_OVER).build()) {
      assertThat(NettyPoller.of(loop).transport()).isEqualTo(IoTransport.NIO);
    }
  }

  @Test
  void unknownHost() {
    Asyncio.run(() -> {
      assertThatThrownBy(() -> Sockets.connect("nowhere.invalid", 1, new Echo()))
          .isInstanceOf(UnknownHostException.class);
    });
  }

  @Test
  void aCancelledConnectClosesItsSocket() {
    Asyncio.run(() -> {
      EventLoop loop = EventLoop.getRunningLoop();
      Channel server = Sockets.listen("127.0.0.1", 0, 10, new Echo());
      var address = (InetSocketAddress) server.localAddress();
      for (int steps = 0; steps < 8; steps++) {
        Channel[] made = new Channel[1];
        var handler =
            new ChannelInboundHandlerAdapter() {
              @Override
              public void handlerAdded(ChannelHandlerContext context) {
                made[0] = context.channel();
              }
            };
        var task = Asyncio.createTask(() -> Sockets.connect(address, handler));
        for (int i = 0; i < steps; i++) {
          Asyncio.sleep(Duration.ZERO);
        }
        if (task.cancel()) {
          Asyncio.gather(List.of(task), true);
          while (task.cancelled() && made[0] != null && made[0].isOpen()) {
            Asyncio.sleep(Duration.ZERO);
          }
        }
      }
      assertThat(loop.isRunning()).isTrue();
    });
  }
}
