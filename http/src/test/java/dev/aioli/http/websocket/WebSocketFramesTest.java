package dev.aioli.http.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.http.WebSocketOptions;
import dev.aioli.net.NettyPoller;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebSocketFramesTest {
  /** How a WebSocket closes after an exception, and what was reported. */
  private static List<String> closeAfter(Throwable cause) {
    return Asyncio.run(() -> {
      List<String> events = new ArrayList<>();
      Asyncio.getRunningLoop()
          .setExceptionHandler((loop, context) -> events.add(context.exception().getMessage()));
      EmbeddedChannel channel = new EmbeddedChannel();
      channel
          .pipeline()
          .addLast(
              new WebSocketFrames(
                  NettyPoller.of(Asyncio.getRunningLoop()),
                  channel,
                  WebSocketOptions.DEFAULT,
                  null,
                  true,
                  Duration.ofDays(1).toNanos()));
      channel.pipeline().fireExceptionCaught(cause);
      Asyncio.sleep(Duration.ZERO);
      CloseWebSocketFrame close = channel.readOutbound();
      events.add(close.statusCode() + " " + close.reasonText());
      close.release();
      channel.close();
      return events;
    });
  }

  @Test
  void anExceptionOfOursIsReportedAndThePeerNotBlamed() {
    assertThat(closeAfter(new IllegalStateException("on purpose")))
        .containsExactly("on purpose", "1011 internal error");
  }

  @Test
  void anExceptionOfACodecIsThePeersDoing() {
    assertThat(closeAfter(new DecoderException(new IllegalArgumentException("x"))))
        .containsExactly("1002 expected frames that make sense");
  }
}
