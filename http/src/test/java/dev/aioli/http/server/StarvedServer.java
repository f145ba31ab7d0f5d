package dev.aioli.http.server;

import dev.aioli.Asyncio;

/** A program that serves until its input ends, for a test that gives it few file descriptors. */
final class StarvedServer {
  private StarvedServer() {}

  public static void main(String[] args) {
    Asyncio.run(() -> {
      try (var server =
          HttpServer.builder()
              .get("/", request -> ServerResponse.text("ok"))
              .start("127.0.0.1", 0)) {
        System.out.println(server.port());
        Asyncio.toThread(() -> {
          while (System.in.read() >= 0) {
            // until the end
          }
          return true;
        });
      }
    });
  }
}
