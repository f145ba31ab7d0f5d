package dev.aioli.soak;

import static dev.aioli.Asyncio.sleep;

import dev.aioli.http.WebSocket;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.net.Server;
import dev.aioli.net.StreamReader;
import dev.aioli.net.StreamWriter;
import dev.aioli.net.Streams;
import java.io.IOException;
import java.time.Duration;

/** What the loads ask: an HTTP server and one that sends back what it gets. */
final class Servers implements AutoCloseable {
  private final HttpServer http;
  private final Server echo;

  private Servers(HttpServer http, Server echo) {
    this.http = http;
    this.echo = echo;
  }

  static Servers start() throws IOException {
    HttpServer http =
        HttpServer.builder()
            .get("/hello", request -> ServerResponse.text("hello " + request.query("n")))
            .post("/echo", request -> ServerResponse.bytes(request.bytes()))
            .get("/stream", request -> stream(Integer.MAX_VALUE))
            .get("/broken", request -> stream(20))
            .get(
                "/slow",
                request -> {
                  sleep(Duration.ofMinutes(1));
                  return ServerResponse.text("late");
                })
            .webSocket("/chat", Servers::chat)
            .start("127.0.0.1", 0);
    return new Servers(http, Streams.startServer(Servers::echo, "127.0.0.1", 0));
  }

  private static ServerResponse stream(int chunks) {
    byte[] chunk = new byte[1024];
    return ServerResponse.stream(
        "application/octet-stream",
        out -> {
          for (int i = 0; i < chunks; i++) {
            out.write(chunk);
          }
          throw new MadeOnPurpose(); // the connection is cut in the middle of the body
        });
  }

  private static void chat(WebSocket socket) {
    for (WebSocket.Message message : socket) {
      if (message instanceof WebSocket.Text(String text)) {
        socket.send(text);
      }
    }
  }

  private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] part = reader.read(8192); part.length > 0; part = reader.read(8192)) {
        writer.write(part);
        writer.drain();
      }
    } catch (IOException e) {
      // The client was killed, as it should.
    }
  }

  String url() {
    return http.url();
  }

  int httpPort() {
    return http.port();
  }

  int echoPort() {
    return echo.port();
  }

  @Override
  public void close() {
    http.close();
    echo.close();
    echo.abortClients();
  }

  /** An exception of a handler that is part of the trial. */
  static final class MadeOnPurpose extends RuntimeException {
    MadeOnPurpose() {
      super("made on purpose", null, false, false);
    }
  }
}
