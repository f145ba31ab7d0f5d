/** HTTP client and server on the event loop. */
@SuppressWarnings("module") // the command is built after this
module dev.aioli.http {
  requires transitive dev.aioli;
  requires dev.aioli.net;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.compression;
  requires io.netty.codec.http;
  requires io.netty.codec.http2;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.handler.proxy;
  requires io.netty.transport;
  requires static com.fasterxml.jackson.databind;
  requires static org.jspecify;
  requires static tools.jackson.databind;

  exports dev.aioli.http;
  exports dev.aioli.http.client;
  exports dev.aioli.http.server;
  exports dev.aioli.http.url to
      dev.aioli.cli;
}
