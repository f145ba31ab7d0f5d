package dev.aioli.benchmarks.http;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import java.util.concurrent.TimeUnit;

/** Vert.x's server on one event loop, which sends the body that is its argument. */
public final class VertxServer {
  private VertxServer() {}

  /** Says on which port it listens. */
  public static void main(String[] args) throws Exception {
    Buffer body = Buffer.buffer(args[0]);
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(request ->
                request.response().putHeader("content-type", "application/json").end(body))
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    System.out.println("{\"ready\": \"http://127.0.0.1:" + server.actualPort() + "\"}");
    System.in.readAllBytes();
    System.exit(0);
  }
}
