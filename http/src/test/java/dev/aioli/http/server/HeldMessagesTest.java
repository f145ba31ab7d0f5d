package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.http.wire.Reading;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What is sent ahead is bounded in bytes, whatever it consists of. */
class HeldMessagesTest {
  /** How many messages are held until the channel is left alone. */
  private static int held(Supplier<HttpObject> messages) {
    return Asyncio.run(() -> {
      EmbeddedChannel channel = new EmbeddedChannel();
      HeldMessages held = new HeldMessages(new Reading(Asyncio.getRunningLoop(), channel));
      int count = 0;
      while (channel.config().isAutoRead()) {
        held.add(messages.get());
        count++;
      }
      for (int i = 0; i < count; i++) {
        io.netty.util.ReferenceCountUtil.release(held.remove());
        held.resume();
      }
      assertThat(held.isEmpty()).isTrue();
      assertThat(channel.config().isAutoRead()).isTrue();
      return count;
    });
  }

  private static HttpContent content(int bytes) {
    return new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[bytes]));
  }

  @Test
  void onePieceOfABodyMayFillIt() {
    assertThat(held(() -> content(64 * 1024))).isEqualTo(1);
  }

  @Test
  void piecesOfBodiesAreCountedByTheirBytes() {
    assertThat(held(() -> content(8 * 1024))).isBetween(4, 8);
  }

  @Test
  void largeHeadsAreCountedByTheirBytes() {
    assertThat(
            held(() -> {
              var head =
                  new DefaultHttpRequest(
                      HttpVersion.HTTP_1_1, HttpMethod.GET, "/" + "x".repeat(5_000));
              head.headers().set("a", "y".repeat(5_000));
              return head;
            }))
        .isBetween(4, 7);
  }

  @Test
  void emptyMessagesCostSomethingToo() {
    assertThat(held(() -> LastHttpContent.EMPTY_LAST_CONTENT)).isBetween(100, 1_000);
  }
}
