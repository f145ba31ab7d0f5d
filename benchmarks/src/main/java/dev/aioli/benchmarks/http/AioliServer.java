package dev.aioli.benchmarks.http;

import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.toThread;

import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import java.nio.charset.StandardCharsets;

/** Aioli's server, which sends the body that is its argument until its input ends. */
public final class AioliServer {
  private AioliServer() {}

  /** Says on which port it listens. */
  public static void main(String[] args) {
    byte[] body = args[0].getBytes(StandardCharsets.US_ASCII);
    run(() -> {
      try (HttpServer server =
          HttpServer.builder()
              .get(
                  "/",
                  request -> ServerResponse.bytes(body).header("content-type", "application/json"))
              .start("127.0.0.1", 0)) {
        System.out.println("{\"ready\": \"" + server.url() + "\"}");
        toThread(() -> System.in.readAllBytes());
      }
    });
  }
}
