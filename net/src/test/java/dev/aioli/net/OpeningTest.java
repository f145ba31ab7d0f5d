package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.EventLoop;
import dev.aioli.Task;
import dev.aioli.TimeoutException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.local.LocalChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every way to a channel when the system gives no socket. */
@ExtendWith(NoLeak.class)
class OpeningTest {
  private static final String LOOPBACK = "127.0.0.1";

  /** A system that says this when it is asked for a socket. */
  private record Refusing(String word) implements ChannelMaker {
    @Override
    public <C extends Channel> ChannelFactory<C> factory(Class<? extends C> type) {
      return () -> {
        throw new ChannelException("Unable to create Channel", new IOException(word));
      };
    }
  }

  private static void assertRefused(String word, String message, ThrowingCallable opening) {
    run(() -> {
      NettyPoller.of(getRunningLoop()).setChannels(new Refusing(word));
      assertThatThrownBy(opening)
          .isInstanceOf(SocketException.class)
          .hasMessage("cannot open a socket: " + message);
      NettyPoller.of(getRunningLoop()).setChannels(ChannelMaker.NETTY);
      try (Server server = Streams.startServer((reader, writer) -> writer.close(), LOOPBACK, 0);
          Connection connection = Streams.openConnection(LOOPBACK, server.port())) {
        assertThat(connection.reader().read()).isEmpty();
      }
    });
  }

  private static void assertRefused(ThrowingCallable opening) {
    assertRefused(
        "Too many open files",
        "Too many open files; have fewer open at a time, or raise the limit (ulimit -n)",
        opening);
  }

  @Test
  void aConnectionWithoutASocketFailsAtOnce() {
    assertRefused(() -> Streams.openConnection(LOOPBACK, 1));
  }

  @Test
  void aRaceOfConnectionsWithoutSocketsFailsAtOnce() {
    assertRefused(() ->
        new HappyEyeballs(
                NettyPoller.of(EventLoop.getRunningLoop()),
                ConnectionOptions.DEFAULT.withHappyEyeballsDelay(Duration.ofHours(1)),
                new ChannelInboundHandlerAdapter())
            .connect(
                List.of(new InetSocketAddress(LOOPBACK, 1), new InetSocketAddress(LOOPBACK, 2))));
  }

  @Test
  void aServerWithoutASocketFailsAtOnce() {
    assertRefused(() -> Streams.startServer((reader, writer) -> {}, LOOPBACK, 0));
  }

  @Test
  void aListeningChannelWithoutASocketFailsAtOnce() {
    assertRefused(() -> Sockets.listen(LOOPBACK, 0, 10, new ChannelInboundHandlerAdapter()));
  }

  @Test
  void aDatagramEndpointWithoutASocketFailsAtOnce() {
    assertRefused(() -> DatagramEndpoint.open(DatagramOptions.DEFAULT));
    assertRefused(() ->
        DatagramEndpoint.open(
            DatagramOptions.DEFAULT.withRemoteAddr(new InetSocketAddress(LOOPBACK, 1))));
  }

  @Test
  void unixSocketsThatCannotBeMadeFailAtOnce(@TempDir Path folder) {
    assertRefused(() -> Streams.openUnixConnection(folder.resolve("a")));
    assertRefused(() -> Streams.startUnixServer((reader, writer) -> {}, folder.resolve("b")));
  }

  @Test
  void theErrorTellsWhatTheSystemSaid() {
    assertRefused(
        "Too many open files in system",
        "Too many open files in system; some program must close files, or the system's limit be"
            + " raised",
        () -> Streams.openConnection(LOOPBACK, 1));
    assertRefused(
        "Operation not permitted",
        "Operation not permitted",
        () -> Streams.openConnection(LOOPBACK, 1));
    assertRefused(
        "No buffer space available",
        "No buffer space available",
        () -> DatagramEndpoint.open(DatagramOptions.DEFAULT));
  }

  @Test
  void settingsThatNettyRefusesAreAnErrorAndNoWait() {
    run(() -> {
      Opening opening =
          new Opening(
              NettyPoller.of(getRunningLoop()),
              () -> {
                throw new IllegalStateException("no such option");
              });
      assertThatThrownBy(opening::await)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("no such option");
    });
  }

  /** Netty's executor for what has no loop, which is not the loop's thread. */
  @Test
  void aFailureThatComesOnAThreadOfNettysEndsTheWaitInTheTurn() {
    run(() -> {
      var promise = new DefaultChannelPromise(new LocalChannel(), GlobalEventExecutor.INSTANCE);
      Opening opening = new Opening(NettyPoller.of(getRunningLoop()), () -> promise);
      Task<Channel> waiting = createTask(() -> opening.await());
      sleep(Duration.ZERO);
      sleep(Duration.ZERO);
      promise.setFailure(new SocketException("late"));
      assertThatThrownBy(() -> Opening.await(waiting)).hasMessage("late");
    });
  }

  @Test
  void givingUpAnOpeningWhoseFailureIsUnderWayDoesNoHarm() {
    run(() -> {
      var promise = new DefaultChannelPromise(new LocalChannel(), GlobalEventExecutor.INSTANCE);
      Opening opening = new Opening(NettyPoller.of(getRunningLoop()), () -> promise);
      assertThatThrownBy(() -> timeout(Duration.ZERO, () -> opening.await()))
          .isInstanceOf(TimeoutException.class);
      promise.setFailure(new SocketException("late"));
      GlobalEventExecutor.INSTANCE.submit(() -> {}).await();
      sleep(Duration.ZERO);
    });
  }
}
