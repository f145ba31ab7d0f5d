package dev.aioli.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.net.NettyPoller;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2EventAdapter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallbacksTest {
  private static List<String> reports() {
    List<String> reported = new ArrayList<>();
    Asyncio.getRunningLoop()
        .setExceptionHandler((loop, context) -> reported.add(context.exception().getMessage()));
    return reported;
  }

  private static void fail() {
    throw new IllegalStateException("on purpose");
  }

  @Test
  void aCallbackThatFailsIsReportedAndClosesTheChannel() {
    Asyncio.run(() -> {
      List<String> reported = reports();
      EmbeddedChannel channel = new EmbeddedChannel();
      new Callbacks(NettyPoller.of(Asyncio.getRunningLoop()), channel).post(CallbacksTest::fail);
      Asyncio.sleep(Duration.ZERO);
      assertThat(channel.isOpen()).isFalse();
      assertThat(reported).containsExactly("on purpose");
    });
  }

  @Test
  void whoWaitsForAWriteLearnsThatItCannotBeDone() {
    Asyncio.run(() -> {
      reports();
      EmbeddedChannel channel =
          new EmbeddedChannel() {
            @Override
            public io.netty.channel.ChannelFuture write(Object message) {
              throw new IllegalStateException("on purpose");
            }
          };
      ChannelWriter writer =
          new ChannelWriter(
              NettyPoller.of(Asyncio.getRunningLoop()), channel, Duration.ofDays(1).toNanos());
      channel.closeFuture().addListener(closed -> writer.closed()); // as connections do
      assertThatThrownBy(() -> writer.write("large", 100_000)).isInstanceOf(IOException.class);
    });
  }

  @Test
  void anOperationThatFailsDoesNotTakeTheRestOfItsBatchAlong() {
    class Listener extends Http2EventAdapter implements Http2Codec.Listener {
      @Override
      public void streamFailed(int streamId, Throwable cause) {}

      @Override
      public void connectionFailed(Throwable cause) {}

      @Override
      public void closed() {}
    }

    Asyncio.run(() -> {
      List<String> reported = reports();
      List<String> events = new ArrayList<>();
      var loop = Asyncio.getRunningLoop();
      Http2Outbox outbox =
          new Http2Outbox(NettyPoller.of(loop), Http2Codec.client(loop, new Listener(), 1000));
      outbox.add(CallbacksTest::fail, cause -> events.add("told " + cause.getMessage()));
      outbox.add(() -> events.add("done"), cause -> events.add("never"));
      Asyncio.sleep(Duration.ZERO);
      assertThat(events).containsExactly("told on purpose", "done");
      assertThat(reported).containsExactly("on purpose");
    });
  }
}
