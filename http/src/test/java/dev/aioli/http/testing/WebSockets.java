package dev.aioli.http.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.WebSocket;
import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.server.WebSocketHandler;
import java.util.HexFormat;

/** Servers of WebSockets, and clients that send them bytes. */
public final class WebSockets {
  /** A request for a WebSocket, without the empty line at its end. */
  public static final String HANDSHAKE =
      "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

  private WebSockets() {}

  /** What is done with a server. */
  public interface Body {
    @Suspends
    void run(HttpServer server, String url) throws Exception;
  }

  /** Runs a loop with a server. */
  public static void with(WebSocketOptions options, WebSocketHandler handler, Body body) {
    Asyncio.run(() -> {
      try (var server =
          HttpServer.builder()
              .get("/", request -> ServerResponse.webSocket(options, handler))
              .start("127.0.0.1", 0)) {
        body.run(server, server.url().replace("http", "ws") + "/");
      }
    });
  }

  public static void with(WebSocketHandler handler, Body body) {
    with(WebSocketOptions.DEFAULT, handler, body);
  }

  /** A handler that says what it hears. */
  @Suspends
  public static void echo(WebSocket socket) {
    for (WebSocket.Message message : socket) {
      switch (message) {
        case WebSocket.Text(String text) -> socket.send(text);
        case WebSocket.Binary(byte[] bytes) -> socket.send(bytes);
      }
    }
  }

  /** A client whose connection is a WebSocket. */
  public static RawClient upgraded(HttpServer server) {
    var client = RawClient.connect(server);
    client.send(HANDSHAKE + "\r\n");
    assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 101 ");
    return client;
  }

  /** The code of the close that comes next. */
  public static int readCloseCode(RawClient client) {
    byte[] close = client.readBytes(4);
    assertThat(close[0]).isEqualTo((byte) 0x88);
    return ((close[2] & 0xff) << 8) | (close[3] & 0xff);
  }

  /** A byte a character. */
  public static String bytes(String hex) {
    StringBuilder text = new StringBuilder();
    for (byte b : HexFormat.of().parseHex(hex.replace(" ", ""))) {
      text.append((char) (b & 0xff));
    }
    return text.toString();
  }
}
