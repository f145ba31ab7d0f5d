package dev.aioli.cli;

import dev.aioli.Suspends;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpException;
import dev.aioli.httpbin.Httpbin;
import dev.aioli.sync.Lock;
import java.io.IOException;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The server behind {@code httpbin:} URLs, on the loop of those who ask it, and a client that asks
 * it directly, whatever proxy others use. Starts on first use.
 */
final class EmbeddedServer {
  private static final System.Logger LOG = System.getLogger("dev.aioli.cli");

  private final HttpClient http;
  private final Lock starting = new Lock();
  private @Nullable Httpbin httpbin;

  /**
   * A server that has not been started.
   *
   * @param http knows no proxy; closed with the server
   */
  EmbeddedServer(HttpClient http) {
    this.http = http;
  }

  /** The client to ask it. */
  HttpClient http() {
    return http;
  }

  /** Where it is; starts it. */
  @Suspends
  String url() throws IOException {
    Httpbin present = httpbin;
    return present == null ? start().url() : present.url();
  }

  @Suspends
  private Httpbin start() throws IOException {
    try (var permit = starting.acquire()) {
      if (httpbin == null) {
        httpbin = Httpbin.start();
      }
      return httpbin;
    }
  }

  /**
   * Starts the server and asks it once, so that no request has to wait for it, nor for the JVM to
   * load what a first request takes. If that fails the requests will say why.
   */
  @Suspends
  void warmUp() {
    try {
      http.get(url() + "/stats"); // which the server does not count
    } catch (IOException | HttpException e) {
      LOG.log(Level.INFO, "the embedded server does not start", e);
    }
  }

  /** How busy it was; empty if it was not started. */
  String remark() {
    return httpbin == null ? "" : remark(httpbin.total(), httpbin.maxInFlight());
  }

  /**
   * What the server saw. It shares the loop with those who ask it, so what it can answer at once,
   * such as /get, it has answered before it reads the next request, however many are in flight.
   */
  static String remark(long total, int maxInFlight) {
    if (total <= 1) {
      return "httpbin served " + total;
    }
    return maxInFlight <= 1
        ? "httpbin served %d, each before it read the next".formatted(total)
        : "httpbin served %d, at most %d at once".formatted(total, maxInFlight);
  }

  /** Stops it. */
  @Suspends
  void close() {
    http.close();
    if (httpbin != null) {
      httpbin.close();
    }
  }
}
