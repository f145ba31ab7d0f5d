package dev.aioli.benchmarks.http;

import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.taskGroup;

import dev.aioli.http.client.Http2;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpResponse;
import dev.aioli.sync.Semaphore;
import java.io.IOException;
import java.util.List;

/**
 * Aioli's client: a task a request, with a semaphore. The argument {@code http2} makes it speak
 * HTTP/2 without TLS.
 */
public final class AioliClient {
  private AioliClient() {}

  /** Answers requests until the input ends. */
  public static void main(String[] args) throws IOException {
    Http2 http2 = List.of(args).contains("http2") ? Http2.PRIOR_KNOWLEDGE : Http2.OFF;
    ClientWorker.serve((url, inFlight, nanos, latencies) ->
        run(() -> {
          Semaphore limit = new Semaphore(inFlight);
          long start = System.nanoTime();
          try (HttpClient http = HttpClient.builder().http2(http2).limit(inFlight).build()) {
            taskGroup(group -> {
              while (System.nanoTime() - start < nanos) {
                limit.acquire();
                group.createTask(() -> get(http, url, limit, latencies));
              }
            });
          }
        }));
  }

  private static void get(HttpClient http, String url, Semaphore limit, Latencies latencies) {
    long begin = System.nanoTime();
    HttpResponse response = http.get(url);
    ClientWorker.check(response.status(), response.bytes().length);
    latencies.addSince(begin);
    limit.release();
  }
}
