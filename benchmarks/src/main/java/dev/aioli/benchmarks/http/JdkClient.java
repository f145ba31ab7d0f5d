package dev.aioli.benchmarks.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The JDK's client: a virtual thread a request, with a semaphore. */
public final class JdkClient {
  private JdkClient() {}

  /** Answers requests until the input ends. */
  public static void main(String[] args) throws IOException {
    HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    ClientWorker.serve((url, inFlight, nanos, latencies) -> {
      Semaphore limit = new Semaphore(inFlight, true);
      HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
      AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
      long start = System.nanoTime();
      while (System.nanoTime() - start < nanos && failure.get() == null) {
        limit.acquire();
        Thread.startVirtualThread(() -> {
          try {
            get(http, request, latencies);
          } catch (Throwable e) {
            failure.compareAndSet(null, e);
          } finally {
            limit.release();
          }
        });
      }
      limit.acquire(inFlight); // until the last one has ended
      if (failure.get() != null) {
        throw new IllegalStateException(failure.get());
      }
    });
  }

  private static void get(HttpClient http, HttpRequest request, Latencies latencies) {
    long begin = System.nanoTime();
    try {
      HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      ClientWorker.check(response.statusCode(), response.body().length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    latencies.addSince(begin);
  }
}
