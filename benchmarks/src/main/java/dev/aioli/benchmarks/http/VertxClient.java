package dev.aioli.benchmarks.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletableFuture;

/** Vert.x's client: callbacks on one event loop. */
public final class VertxClient {
  private VertxClient() {}

  /** Answers requests until the input ends. */
  public static void main(String[] args) throws IOException {
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    ClientWorker.serve((url, inFlight, nanos, latencies) -> {
      HttpClient http =
          vertx.createHttpClient(
              new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(inFlight));
      Requests requests = new Requests(http, URI.create(url), inFlight, nanos, latencies);
      vertx.getOrCreateContext().runOnContext(nothing -> requests.start());
      requests.end.get();
      http.close().toCompletionStage().toCompletableFuture().get();
    });
  }

  /** What is in flight. Touched on the event loop only. */
  private static final class Requests {
    final CompletableFuture<Void> end = new CompletableFuture<>();

    private final HttpClient http;
    private final URI url;
    private final Latencies latencies;
    private final long nanos;
    private final long start = System.nanoTime();
    private final int limit;
    private int inFlight;

    Requests(HttpClient http, URI url, int limit, long nanos, Latencies latencies) {
      this.http = http;
      this.url = url;
      this.limit = limit;
      this.nanos = nanos;
      this.latencies = latencies;
    }

    void start() {
      for (int i = 0; i < limit; i++) {
        next();
      }
    }

    private void next() {
      inFlight++;
      long begin = System.nanoTime();
      http.request(HttpMethod.GET, url.getPort(), url.getHost(), url.getPath())
          .compose(request -> request.send())
          .compose(response -> {
            Future<Buffer> body = response.body();
            return body.map(bytes -> {
              ClientWorker.check(response.statusCode(), bytes.length());
              return bytes;
            });
          })
          .onComplete(body -> {
            inFlight--;
            latencies.addSince(begin);
            if (body.failed()) {
              end.completeExceptionally(body.cause());
            } else if (System.nanoTime() - start < nanos) {
              next();
            } else if (inFlight == 0) {
              end.complete(null);
            }
          });
    }
  }
}
