package dev.aioli.httpbin;

import dev.aioli.http.server.ServerRequest;
import dev.aioli.http.server.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Statuses, redirects and what decides about them: caches and passwords. */
final class Statuses {
  private static final int MAX_REDIRECTS = 100;

  private Statuses() {}

  static List<Endpoint> endpoints() {
    return List.of(
        Endpoint.any(
            "/status/{codes}",
            "a status, or one of a list by weight: 200, or 200,503, or 200:0.9,503:0.1",
            Statuses::status),
        Endpoint.get("/redirect/{n}", "n redirects, relative", r -> redirect(r, false)),
        Endpoint.get("/relative-redirect/{n}", "n redirects, relative", r -> redirect(r, false)),
        Endpoint.get("/absolute-redirect/{n}", "n redirects, absolute", r -> redirect(r, true)),
        Endpoint.any(
            "/redirect-to", "a redirect to ?url=, with ?status_code=", Statuses::redirectTo),
        Endpoint.get("/cache", "304 if the request is conditional", Statuses::cache),
        Endpoint.get("/cache/{seconds}", "a Cache-Control with that age", Statuses::cacheFor),
        Endpoint.get("/etag/{etag}", "an ETag, and 304 or 412 if it fits", Statuses::etag));
  }

  private static ServerResponse status(ServerRequest request) {
    List<Integer> codes = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    double sum = 0;
    for (String part : request.pathParameter("codes").split(",", -1)) {
      String[] codeAndWeight = part.split(":", 2);
      try {
        codes.add(Integer.parseInt(codeAndWeight[0]));
        weights.add(codeAndWeight.length == 1 ? 1 : Double.parseDouble(codeAndWeight[1]));
      } catch (NumberFormatException e) {
        throw Arguments.wrong("statuses such as 200 or 200:3,503:1", part);
      }
      if (codes.getLast() < 200 || codes.getLast() > 599 || !(weights.getLast() >= 0)) {
        throw Arguments.wrong("a status from 200 to 599", part);
      }
      sum += weights.getLast();
    }
    double drawn = ThreadLocalRandom.current().nextDouble() * sum;
    int at = 0;
    while (at < codes.size() - 1 && drawn >= weights.get(at)) {
      drawn -= weights.get(at++);
    }
    int code = codes.get(at);
    ServerResponse response = ServerResponse.status(code);
    return switch (code) {
      case 301, 302, 303, 307, 308 -> response.header("Location", "/redirect/1");
      case 401 -> response.header("WWW-Authenticate", "Basic realm=\"Fake Realm\"");
      case 405 -> response.header("Allow", "GET");
      default -> response;
    };
  }

  private static ServerResponse redirect(ServerRequest request, boolean absolute) {
    int left = Arguments.path(request, "n", 1, MAX_REDIRECTS);
    String kind = absolute ? "/absolute-redirect/" : "/relative-redirect/";
    String next = left == 1 ? "/get" : kind + (left - 1);
    String url = request.url();
    int path = url.indexOf('/', url.indexOf("://") + 3);
    return ServerResponse.redirect(absolute ? url.substring(0, path) + next : next);
  }

  private static ServerResponse redirectTo(ServerRequest request) {
    String url = request.query("url");
    if (url == null) {
      throw Arguments.wrong("a query parameter url", request.target());
    }
    int status = Arguments.query(request, "status_code", 302, 300, 399);
    return with(ServerResponse.status(status), "Location", url);
  }

  private static ServerResponse cache(ServerRequest request) {
    boolean conditional =
        request.headers().contains("if-modified-since")
            || request.headers().contains("if-none-match");
    return conditional
        ? ServerResponse.status(304)
        : Echo.get(request)
            .header("Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT")
            .header("ETag", "\"cached\"");
  }

  private static ServerResponse cacheFor(ServerRequest request) {
    int seconds = Arguments.path(request, "seconds", 0, Integer.MAX_VALUE);
    return Echo.get(request).header("Cache-Control", "public, max-age=" + seconds);
  }

  private static ServerResponse etag(ServerRequest request) {
    String etag = "\"" + request.pathParameter("etag").replace("\"", "") + "\"";
    String noneMatch = request.headers().get("if-none-match");
    String match = request.headers().get("if-match");
    ServerResponse response;
    if (noneMatch != null && (noneMatch.contains(etag) || noneMatch.equals("*"))) {
      response = ServerResponse.status(304);
    } else if (match != null && !match.contains(etag) && !match.equals("*")) {
      response = ServerResponse.status(412);
    } else {
      response = Echo.get(request);
    }
    return with(response, "ETag", etag);
  }

  /** A response with a header field whose value the client chose. */
  private static ServerResponse with(ServerResponse response, String name, String value) {
    try {
      return response.header(name, value);
    } catch (IllegalArgumentException e) {
      throw Arguments.wrong("what a header field may have", name + ": " + value);
    }
  }
}
