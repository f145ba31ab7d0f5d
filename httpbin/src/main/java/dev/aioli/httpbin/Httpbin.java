package dev.aioli.httpbin;

import dev.aioli.Suspends;
import dev.aioli.http.server.Handler;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.HttpServerBuilder;
import dev.aioli.http.server.ServerResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An httpbin of one's own, on the running loop: something to ask in tests, examples and
 * measurements, without a network. Its answers have the shape of httpbin.org's; its page {@code /}
 * lists what it answers. It counts what it is asked: {@code /stats}.
 */
public final class Httpbin implements AutoCloseable {
  private @Nullable HttpServer server;
  private int inFlight;
  private int maxInFlight;
  private long total;

  private Httpbin() {}

  /** Starts one on a free port of 127.0.0.1. */
  @Suspends
  public static Httpbin start() throws IOException {
    return start("127.0.0.1", 0);
  }

  /**
   * Starts one.
   *
   * @param host a name, or an address in digits
   * @param port 0 for one that is free
   * @throws IOException if the address cannot be had
   */
  @Suspends
  public static Httpbin start(String host, int port) throws IOException {
    Httpbin httpbin = new Httpbin();
    List<Endpoint> endpoints = endpoints();
    HttpServerBuilder builder = HttpServer.builder();
    for (Endpoint endpoint : endpoints) {
      Handler handler = httpbin.counted(endpoint.handler());
      endpoint.methods().forEach(method -> builder.route(method, endpoint.path(), handler));
    }
    String index = Pages.index(endpoints);
    httpbin.server =
        builder
            .get("/", request -> ServerResponse.html(index))
            .get("/stats", request -> httpbin.stats())
            .start(host, port);
    return httpbin;
  }

  private static List<Endpoint> endpoints() {
    List<Endpoint> all = new ArrayList<>();
    all.add(Endpoint.get("/get", "args, headers, origin and url of the request", Echo::get));
    for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
      all.add(
          new Endpoint(
              List.of(method),
              "/" + method.toLowerCase(java.util.Locale.ROOT),
              "the same with form, files, data and json",
              Echo::post));
    }
    all.add(Endpoint.any("/anything", "all about the request", Echo::anything));
    all.add(Endpoint.any("/anything/{rest...}", "the same", Echo::anything));
    all.add(
        Endpoint.get(
            "/headers",
            "the header fields",
            r -> {
              var answer = Echo.object();
              answer.set("headers", Echo.headers(r));
              return ServerResponse.json(answer);
            }));
    all.add(
        Endpoint.get(
            "/ip",
            "where the client is",
            r -> ServerResponse.json(Echo.object().put("origin", Echo.origin(r)))));
    all.add(
        Endpoint.get(
            "/user-agent",
            "what the client calls itself",
            r ->
                ServerResponse.json(
                    Echo.object().put("user-agent", r.headers().get("user-agent")))));
    all.add(
        Endpoint.get(
            "/uuid",
            "a random UUID",
            r -> ServerResponse.json(Echo.object().put("uuid", UUID.randomUUID().toString()))));
    all.addAll(Statuses.endpoints());
    all.addAll(Identities.endpoints());
    all.addAll(Bodies.endpoints());
    return all;
  }

  /** The URL of its root, without a slash at the end. */
  public String url() {
    return server().url();
  }

  /** The port on which it listens. */
  public int port() {
    return server().port();
  }

  /** The number of requests that are being handled now. */
  public int inFlight() {
    return inFlight;
  }

  /** The largest number of requests that were being handled at once so far. */
  public int maxInFlight() {
    return maxInFlight;
  }

  /** The number of requests so far. */
  public long total() {
    return total;
  }

  /** Stops, as {@link HttpServer#close}. */
  @Suspends
  @Override
  public void close() {
    server().close();
  }

  private HttpServer server() {
    HttpServer present = server;
    if (present == null) {
      throw new IllegalStateException("this Httpbin has not been started");
    }
    return present;
  }

  private Handler counted(Handler handler) {
    return request -> {
      total++;
      maxInFlight = Math.max(maxInFlight, ++inFlight);
      try {
        return handler.handle(request);
      } finally {
        inFlight--;
      }
    };
  }

  private ServerResponse stats() {
    return ServerResponse.json(
        Echo.object()
            .put("in_flight", inFlight)
            .put("max_in_flight", maxInFlight)
            .put("total", total));
  }
}
