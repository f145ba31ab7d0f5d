package dev.aioli.cli;

import dev.aioli.Suspends;
import dev.aioli.http.HttpClient;
import dev.aioli.http.HttpException;
import dev.aioli.http.HttpRequest;
import dev.aioli.http.StreamedResponse;
import dev.aioli.httpbin.Httpbin;
import dev.aioli.sync.Lock;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Fetches over HTTP, and {@code httpbin:} URLs from a server that it starts on first use, on the
 * same loop. Bodies are counted as they arrive and never held.
 */
final class HttpFetcher implements Fetcher {
  private static final System.Logger LOG = System.getLogger("dev.aioli.cli");

  private final HttpClient http;
  private final Lock starting = new Lock();
  private @Nullable Httpbin httpbin;

  /**
   * A fetcher for the running loop.
   *
   * @param limit how many requests there will be at a time
   * @param timeout how long connecting may take; the whole is the caller's business
   */
  HttpFetcher(int limit, Duration timeout) {
    http = HttpClient.builder().limit(limit).connectTimeout(timeout).timeout(null).build();
  }

  @Override
  public Response fetch(FetchRequest request) throws IOException {
    TargetUrl target = TargetUrl.parse(request.url());
    String url = target.embedded() ? httpbin().url() + target.uri() : target.uri().toString();
    try (StreamedResponse response = http.stream(HttpRequest.get(url))) {
      return new Response(response.status(), count(response));
    } catch (HttpException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static long count(StreamedResponse response) {
    long bytes = 0;
    byte[] chunk;
    while ((chunk = response.read()) != null) {
      bytes += chunk.length;
    }
    return bytes;
  }

  private Httpbin httpbin() throws IOException {
    Httpbin present = httpbin;
    if (present != null) {
      return present;
    }
    try (var permit = starting.acquire()) {
      if (httpbin == null) {
        httpbin = Httpbin.start();
      }
      return httpbin;
    }
  }

  /**
   * Starts the embedded server and asks it once, so that no request has to wait for it, nor for the
   * JVM to load what a first request takes. If that fails the requests will say why.
   */
  @Suspends
  void warmUp() {
    try {
      http.get(httpbin().url() + "/stats"); // which the server does not count
    } catch (IOException | HttpException e) {
      LOG.log(Level.INFO, "the embedded server does not start", e);
    }
  }

  /** How busy the embedded server was. */
  @Override
  public String remark() {
    return httpbin == null
        ? ""
        : "httpbin served %d, at most %d at once".formatted(httpbin.total(), httpbin.maxInFlight());
  }

  @Override
  public void close() {
    http.close();
    if (httpbin != null) {
      httpbin.close();
    }
  }
}
