package dev.aioli.http.client;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;

/** Netty's decoder, told by its connection what was asked for. */
final class Http1Decoder extends HttpResponseDecoder {
  private final Http1Connection connection;

  Http1Decoder(HttpDecoderConfig config, Http1Connection connection) {
    super(config);
    this.connection = connection;
  }

  /** The response to a HEAD has none, whatever it says of the length of its body. */
  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    Exchange exchange = connection.current();
    return super.isContentAlwaysEmpty(message)
        || (exchange != null && exchange.request().method().equals("HEAD"));
  }

  /** Whether bytes have arrived that belong to no message yet. */
  boolean leftover() {
    return actualReadableBytes() > 0;
  }
}
