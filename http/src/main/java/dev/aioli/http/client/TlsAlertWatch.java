package dev.aioli.http.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.Consumer;

/**
 * Looks at the first bytes of a server that is spoken to in plain text: one that expects TLS says
 * so. Then it is gone. For those whose decoders would tell of nothing but strange bytes.
 */
final class TlsAlertWatch extends ByteToMessageDecoder {
  private final String expected;
  private final Consumer<HttpException> fail;

  /**
   * Watches for one answer.
   *
   * @param expected what should have been found, and where
   * @param fail is told that it is not there
   */
  TlsAlertWatch(String expected, Consumer<HttpException> fail) {
    this.expected = expected;
    this.fail = fail;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (TlsAlert.begins(in)) {
      in.skipBytes(in.readableBytes());
      fail.accept(new HttpException.ProtocolError("expected " + expected, null));
      var _ = context.close();
    } else if (TlsAlert.canBeTold(in)) {
      context.pipeline().remove(this);
    }
  }
}
