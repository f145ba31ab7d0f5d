package dev.aioli.examples;

import static dev.aioli.Asyncio.*;

import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpException;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.client.StreamedResponse;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.HttpStatusException;
import dev.aioli.http.server.ServerRequest;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.httpbin.Httpbin;
import java.io.IOException;

/**
 * A proxy before another server. Bodies stream through it piece by piece: it reads from the server
 * behind it no faster than its own client reads, and a client that goes away ends the request
 * there, too.
 *
 * <pre>{@code
 * $ ./aioli example reverse-proxy
 * /get?a=1: 200, a=1
 * /status/404: 404
 * /drip?numbytes=1000000&duration=0: 200, 1000000 bytes
 * }</pre>
 */
public final class ReverseProxyExample {
  private final HttpClient http;
  private final String upstream;

  ReverseProxyExample(HttpClient http, String upstream) {
    this.http = http;
    this.upstream = upstream;
  }

  /** Runs the example. */
  public static void main(String[] args) {
    run(ReverseProxyExample::program);
  }

  static void program() throws IOException {
    try (var httpbin = Httpbin.start();
        var http = HttpClient.create()) {
      var example = new ReverseProxyExample(http, httpbin.url());
      try (var proxy =
          HttpServer.builder().get("/{path...}", example::forward).start("127.0.0.1", 0)) {
        ask(http, proxy.url(), "/get?a=1");
        ask(http, proxy.url(), "/status/404");
        ask(http, proxy.url(), "/drip?numbytes=1000000&duration=0");
      }
    }
  }

  ServerResponse forward(ServerRequest request) {
    StreamedResponse response;
    try {
      // HEAD stays HEAD: for that the writer below never runs, and would leave a body unread.
      response = http.stream(HttpRequest.of(request.method(), upstream + request.target()));
    } catch (HttpException e) {
      throw new HttpStatusException(502, "the server behind the proxy: " + e.getMessage());
    }
    var type = response.headers().get("content-type");
    return ServerResponse.stream(
            type == null ? "application/octet-stream" : type, out -> copy(response, out::write))
        .withStatus(response.status());
  }

  private interface Out {
    void write(byte[] bytes) throws IOException;
  }

  private static void copy(StreamedResponse response, Out out) throws IOException {
    try (response) {
      for (var piece = response.read(); piece != null; piece = response.read()) {
        out.write(piece);
      }
    }
  }

  private static void ask(HttpClient http, String proxy, String target) {
    var response = http.get(proxy + target);
    var answer =
        switch (target.charAt(1)) {
          case 'g' -> ", a=" + response.json().at("/args/a").asString();
          case 'd' -> ", " + response.bytes().length + " bytes";
          default -> "";
        };
    IO.println(target + ": " + response.status() + answer);
  }
}
