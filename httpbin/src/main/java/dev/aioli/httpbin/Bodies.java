package dev.aioli.httpbin;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.server.ServerRequest;
import dev.aioli.http.server.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.node.ObjectNode;

/** Bodies of every kind and length, and how they come. */
final class Bodies {
  private static final int MAX_BYTES = 100 * 1024;
  private static final int MAX_DRIP_BYTES = 10 * 1024 * 1024;
  private static final int MAX_LINES = 100;
  private static final double MAX_DELAY_SECONDS = 10;
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,9})-(\\d{0,9})");

  private Bodies() {}

  static List<Endpoint> endpoints() {
    return List.of(
        Endpoint.any("/delay/{seconds}", "as /anything, after 0 to 10 seconds", Bodies::delay),
        Endpoint.get("/bytes/{n}", "n random bytes, with ?seed=", Bodies::bytes),
        Endpoint.get(
            "/stream-bytes/{n}", "the same in chunks of ?chunk_size=", Bodies::streamBytes),
        Endpoint.get("/stream/{n}", "n lines of JSON, one by one", Bodies::stream),
        Endpoint.get(
            "/drip",
            "?numbytes= over ?duration= seconds after ?delay=, with status ?code=",
            Bodies::drip),
        Endpoint.get("/range/{n}", "n bytes, or the part that Range asks for", Bodies::range),
        Endpoint.get("/gzip", "compressed with gzip", r -> compressed(r, "gzip")),
        Endpoint.get("/deflate", "compressed with deflate", r -> compressed(r, "deflate")),
        Endpoint.get("/base64/{value...}", "the value decoded", Bodies::base64),
        Endpoint.get("/json", "a document of JSON", r -> Pages.json()),
        Endpoint.get("/html", "a page of HTML", r -> ServerResponse.html(Pages.HTML)),
        Endpoint.get("/xml", "a document of XML", r -> typed("application/xml", Pages.XML)),
        Endpoint.get("/robots.txt", "rules for robots", r -> ServerResponse.text(Pages.ROBOTS)),
        Endpoint.get("/encoding/utf8", "many scripts", r -> ServerResponse.html(Pages.UTF8)),
        Endpoint.get("/image/png", "a small picture", r -> Pages.png()),
        Endpoint.any("/response-headers", "the query as header fields", Bodies::responseHeaders));
  }

  static ServerResponse typed(String contentType, String text) {
    return ServerResponse.of(
        200, Headers.of("Content-Type", contentType), text.getBytes(StandardCharsets.UTF_8));
  }

  @Suspends
  private static ServerResponse delay(ServerRequest request) {
    Duration delay =
        Arguments.seconds("seconds", request.pathParameter("seconds"), 0, MAX_DELAY_SECONDS);
    Asyncio.sleep(delay);
    return request.method().equals("GET") ? Echo.get(request) : Echo.anything(request);
  }

  private static byte[] random(ServerRequest request) {
    byte[] bytes = new byte[Arguments.path(request, "n", 0, MAX_BYTES)];
    Random random =
        request.query("seed") == null
            ? new Random()
            : new Random(Arguments.query(request, "seed", 0, Integer.MIN_VALUE, Integer.MAX_VALUE));
    random.nextBytes(bytes);
    return bytes;
  }

  private static ServerResponse bytes(ServerRequest request) {
    return ServerResponse.bytes(random(request));
  }

  private static ServerResponse streamBytes(ServerRequest request) {
    byte[] bytes = random(request);
    int size = Arguments.query(request, "chunk_size", 10 * 1024, 1, MAX_BYTES);
    return ServerResponse.stream(
        "application/octet-stream",
        out -> {
          for (int from = 0; from < bytes.length; from += size) {
            out.write(
                java.util.Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size)));
          }
        });
  }

  private static ServerResponse stream(ServerRequest request) {
    int lines = Arguments.path(request, "n", 0, MAX_LINES);
    return ServerResponse.stream(
        "application/json",
        out -> {
          for (int i = 0; i < lines; i++) {
            out.write(Echo.head(request).put("id", i) + "\n");
          }
        });
  }

  private static ServerResponse drip(ServerRequest request) {
    int count = Arguments.query(request, "numbytes", 10, 1, MAX_DRIP_BYTES);
    Duration duration = Arguments.seconds("duration", request.query("duration"), 2, 60);
    Duration delay = Arguments.seconds("delay", request.query("delay"), 0, MAX_DELAY_SECONDS);
    int status = Arguments.query(request, "code", 200, 200, 599);
    Asyncio.sleep(delay);
    // At most a hundred steps: nobody sees more.
    int steps = Math.min(count, 100);
    return ServerResponse.stream(
            "application/octet-stream",
            count,
            out -> {
              int sent = 0;
              for (int step = 1; step <= steps; step++) {
                int until = (int) ((long) count * step / steps);
                out.write("*".repeat(until - sent));
                sent = until;
                if (step < steps) {
                  Asyncio.sleep(duration.dividedBy(steps));
                }
              }
            })
        .withStatus(status);
  }

  private static ServerResponse range(ServerRequest request) {
    int count = Arguments.path(request, "n", 1, MAX_BYTES);
    StringBuilder text = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      text.append((char) ('a' + i % 26));
    }
    Headers headers = Headers.of("ETag", "\"range" + count + "\"", "Accept-Ranges", "bytes");
    String field = request.headers().get("range");
    Matcher asked = RANGE.matcher(field == null ? "" : field);
    if (!asked.matches() || (asked.group(1).isEmpty() && asked.group(2).isEmpty())) {
      return ServerResponse.of(200, headers, text.toString().getBytes(StandardCharsets.US_ASCII));
    }
    boolean suffix = asked.group(1).isEmpty();
    int first =
        suffix
            ? Math.max(0, count - Integer.parseInt(asked.group(2)))
            : Integer.parseInt(asked.group(1));
    int last =
        suffix || asked.group(2).isEmpty()
            ? count - 1
            : Math.min(count - 1, Integer.parseInt(asked.group(2)));
    if (first > last) {
      return ServerResponse.of(416, headers.with("Content-Range", "bytes */" + count), new byte[0]);
    }
    return ServerResponse.of(
        206,
        headers.with("Content-Range", "bytes " + first + "-" + last + "/" + count),
        text.substring(first, last + 1).getBytes(StandardCharsets.US_ASCII));
  }

  private static ServerResponse compressed(ServerRequest request, String coding)
      throws IOException {
    ObjectNode answer = Echo.head(request);
    answer.remove(List.of("args", "url"));
    answer.put(coding.equals("gzip") ? "gzipped" : "deflated", true);
    answer.put("method", request.method());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        coding.equals("gzip") ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
      out.write(answer.toString().getBytes(StandardCharsets.UTF_8));
    }
    return ServerResponse.of(
        200,
        Headers.of("Content-Type", "application/json", "Content-Encoding", coding),
        bytes.toByteArray());
  }

  private static ServerResponse base64(ServerRequest request) {
    String value = request.pathParameter("value");
    try {
      return ServerResponse.html(
          new String(
              Base64.getDecoder().decode(value.replace('-', '+').replace('_', '/')),
              StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw Arguments.wrong("base64", value);
    }
  }

  private static ServerResponse responseHeaders(ServerRequest request) {
    ObjectNode answer = Echo.object();
    request.queryParameters().forEach((name, values) -> answer.put(name, String.join(",", values)));
    ServerResponse response = ServerResponse.json(answer);
    for (var parameter : request.queryParameters().entrySet()) {
      for (String value : parameter.getValue()) {
        try {
          response = response.header(parameter.getKey(), value);
        } catch (IllegalArgumentException e) {
          throw Arguments.wrong("what a header field may have", parameter.getKey() + ": " + value);
        }
      }
    }
    return response;
  }
}
