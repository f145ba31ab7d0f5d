package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Task;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeak.class)
class HappyEyeballsTest {
  /** An address that neither accepts nor refuses: its backlog is full. */
  private static final class BlackHole implements AutoCloseable {
    final ServerSocket listening = new ServerSocket();
    private final List<Socket> fill = new ArrayList<>();

    BlackHole(String host, int port) throws IOException {
      listening.bind(new InetSocketAddress(host, port), 1);
      for (int i = 0; i < 2; i++) { // Linux takes one more than the backlog says
        fill.add(new Socket(listening.getInetAddress(), listening.getLocalPort()));
      }
    }

    InetSocketAddress address() {
      return (InetSocketAddress) listening.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : fill) {
        socket.close();
      }
      listening.close();
    }
  }

  /** Collects what a channel tells its pipeline. */
  private static final class Told extends ChannelInboundHandlerAdapter {
    final List<String> events = new ArrayList<>();

    @Override
    public void channelActive(ChannelHandlerContext context) {
      events.add("active");
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      events.add(bytes.readableBytes() + " bytes");
      bytes.release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      events.add("inactive");
    }
  }

  private static HappyEyeballs with(ConnectionOptions options, Told told) {
    return new HappyEyeballs(NettyPoller.of(EventLoop.getRunningLoop()), options, told);
  }

  private static InetSocketAddress local(ServerSocket socket) {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
  }

  private static InetSocketAddress refusing() throws IOException {
    try (ServerSocket closed = listen()) {
      return local(closed);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aDeadAddressCostsTheDelayOnly() throws Exception {
    try (BlackHole dead = new BlackHole("127.0.0.2", 0);
        ServerSocket alive = listen()) {
      run(() -> {
        Told told = new Told();
        ConnectionOptions options =
            ConnectionOptions.DEFAULT.withHappyEyeballsDelay(Duration.ofMillis(20));
        Channel channel = with(options, told).connect(List.of(dead.address(), local(alive)));
        assertThat(channel.remoteAddress()).isEqualTo(local(alive));
        assertThat(told.events).containsExactly("active");
        NettyPoller.of(getRunningLoop()).close(channel);
      });
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void withoutADelayOneAddressIsTriedAfterTheOther() throws Exception {
    try (BlackHole dead = new BlackHole("127.0.0.2", 0);
        ServerSocket alive = listen()) {
      run(() -> {
        ConnectionOptions options = ConnectionOptions.DEFAULT.withHappyEyeballsDelay(null);
        Told told = new Told();
        Task<Channel> stuck =
            createTask(() -> with(options, told).connect(List.of(dead.address(), local(alive))));
        for (int i = 0; i < 50; i++) {
          sleep(Duration.ofMillis(1));
        }
        assertThat(stuck.done()).isFalse();
        stuck.cancel();
        assertThatThrownBy(stuck::await).isInstanceOf(CancelledError.class);
        assertThat(told.events).isEmpty();

        Channel channel =
            with(options, told).connect(List.of(refusing(), local(alive), dead.address()));
        assertThat(channel.remoteAddress()).isEqualTo(local(alive));
        NettyPoller.of(getRunningLoop()).close(channel);
      });
    }
  }

  @Test
  void aRefusalStartsTheNextAttemptAtOnce() throws Exception {
    try (ServerSocket alive = listen()) {
      run(() -> {
        ConnectionOptions patient =
            ConnectionOptions.DEFAULT.withHappyEyeballsDelay(Duration.ofDays(1));
        Channel channel =
            with(patient, new Told()).connect(List.of(refusing(), refusing(), local(alive)));
        assertThat(channel.remoteAddress()).isEqualTo(local(alive));
        NettyPoller.of(getRunningLoop()).close(channel);
      });
    }
  }

  @Test
  void losersAreClosed() throws Exception {
    try (ServerSocket first = listen();
        ServerSocket second = listen()) {
      run(() -> {
        ConnectionOptions atOnce = ConnectionOptions.DEFAULT.withHappyEyeballsDelay(Duration.ZERO);
        Channel channel = with(atOnce, new Told()).connect(List.of(local(first), local(second)));
        ServerSocket loser = channel.remoteAddress().equals(local(first)) ? second : first;
        loser.setSoTimeout(300);
        toThread(() -> {
          try (Socket accepted = loser.accept()) {
            assertThat(accepted.getInputStream().read()).isEqualTo(-1);
          } catch (java.net.SocketTimeoutException | java.net.SocketException e) {
            // it was given up before it connected, or reset
          }
          return 0;
        });
        assertThat(channel.isOpen()).isTrue();
        NettyPoller.of(getRunningLoop()).close(channel);
      });
    }
  }

  /** The peer may be done before the race is decided. */
  @Test
  void whatTheWinnerSendsAtOnceIsKept() throws Exception {
    for (int round = 0; round < 30; round++) {
      try (ServerSocket alive = listen()) {
        Thread peer =
            Thread.ofPlatform()
                .start(() -> {
                  try (Socket accepted = alive.accept()) {
                    accepted.getOutputStream().write(new byte[1000]);
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
        run(() -> {
          ChannelTransport transport =
              new ChannelTransport(NettyPoller.of(getRunningLoop()), 1 << 16, null, null);
          new HappyEyeballs(NettyPoller.of(getRunningLoop()), ConnectionOptions.DEFAULT, transport)
              .connect(List.of(refusing(), local(alive)));
          assertThat(transport.reader().read()).hasSize(1000);
          transport.writer().close();
        });
        peer.join();
      }
    }
  }

  @Test
  void aWinnerWithoutHalfClosureClosesWithItsPeer() throws Exception {
    for (int round = 0; round < 30; round++) {
      try (ServerSocket alive = listen()) {
        Thread peer =
            Thread.ofPlatform()
                .start(() -> {
                  try (Socket accepted = alive.accept()) {
                    accepted.getOutputStream().write(new byte[1000]);
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
        run(() -> {
          Told told = new Told();
          with(ConnectionOptions.DEFAULT, told).connect(List.of(refusing(), local(alive)));
          while (!told.events.contains("inactive")) {
            sleep(Duration.ZERO);
          }
          assertThat(told.events).containsExactly("active", "1000 bytes", "inactive");
        });
        peer.join();
      }
    }
  }

  @Test
  void theErrorTellsOfAllAddresses() {
    run(() -> {
      Told told = new Told();
      InetSocketAddress one = refusing();
      InetSocketAddress two = refusing();
      assertThatThrownBy(() -> with(ConnectionOptions.DEFAULT, told).connect(List.of(one, two)))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("" + one.getPort())
          .hasMessageContaining("" + two.getPort())
          .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
      assertThatThrownBy(() -> with(ConnectionOptions.DEFAULT, told).connect(List.of(one)))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("refused");
      assertThatThrownBy(() -> with(ConnectionOptions.DEFAULT, told).connect(List.of()))
          .isInstanceOf(UnknownHostException.class);
    });
  }

  @Test
  void familiesTakeTurns() throws Exception {
    List<InetSocketAddress> sixes = addresses("::1", "::2", "::3");
    List<InetSocketAddress> fours = addresses("1.1.1.1", "2.2.2.2");
    List<InetSocketAddress> all = new ArrayList<>(sixes);
    all.addAll(fours);

    assertThat(HappyEyeballs.interleave(all, 1))
        .containsExactly(sixes.get(0), fours.get(0), sixes.get(1), fours.get(1), sixes.get(2));
    assertThat(HappyEyeballs.interleave(all, 2))
        .containsExactly(sixes.get(0), sixes.get(1), fours.get(0), sixes.get(2), fours.get(1));
    assertThat(HappyEyeballs.interleave(all, 9)).isEqualTo(all);
  }

  private static List<InetSocketAddress> addresses(String... digits) throws Exception {
    List<InetSocketAddress> result = new ArrayList<>();
    for (String each : digits) {
      result.add(new InetSocketAddress(InetAddress.getByName(each), 80));
    }
    return result;
  }

  @Test
  void namesOfAddresses() {
    run(() -> {
      assertThat(Sockets.getAddrInfo("127.0.0.1"))
          .containsExactly(InetAddress.getByName("127.0.0.1"));
      assertThat(Sockets.getAddrInfo("localhost"))
          .allMatch(InetAddress::isLoopbackAddress)
          .isNotEmpty();
      assertThat(Sockets.getNameInfo(InetAddress.getByName("127.0.0.1"))).isNotEmpty();
    });
  }
}
