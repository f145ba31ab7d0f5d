package dev.aioli.cli;

import dev.aioli.Suspends;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.client.StreamedResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fetches over HTTP, and {@code httpbin:} URLs from an {@link EmbeddedServer}. Bodies go where they
 * shall as they arrive; only those to be shown are held.
 */
final class HttpFetcher implements Fetcher {
  private static final Pattern CHARSET =
      Pattern.compile("(?i);\\s*charset\\s*=\\s*\"?([A-Za-z0-9_.:+-]+)");

  private final HttpClient http;
  private final Bodies bodies;
  private final EmbeddedServer embedded;

  /**
   * What becomes of bodies. Those of failures are never stored.
   *
   * @param maxBytes how long they may be
   * @param shown whether results contain them
   * @param folder where they are stored; null if they are not
   */
  record Bodies(long maxBytes, boolean shown, @Nullable OutputFolder folder) {}

  /**
   * A fetcher for the running loop.
   *
   * @param http asks; closed with the fetcher
   * @param embedded is asked for {@code httpbin:} URLs; closed with the fetcher
   */
  HttpFetcher(HttpClient http, EmbeddedServer embedded, Bodies bodies) {
    this.http = http;
    this.embedded = embedded;
    this.bodies = bodies;
  }

  @Override
  public Response fetch(FetchRequest request) throws IOException {
    boolean local = request.target().embedded();
    HttpRequest wanted = request.request(local ? embedded.url() : "");
    try (StreamedResponse response = (local ? embedded.http() : http).stream(wanted)) {
      return receive(request, response);
    }
  }

  @Suspends
  private Response receive(FetchRequest request, StreamedResponse response) throws IOException {
    boolean failed = response.status() >= FetchError.FIRST_ERROR_STATUS;
    if (bodies.folder() != null && !failed) {
      String name = SafeFileName.of(request.target().parts());
      OutputFolder.Stored stored = bodies.folder().store(name, response, bodies.maxBytes());
      return response(response, stored.bytes(), null, stored.name());
    }
    if (bodies.shown()) {
      byte[] bytes = collect(response);
      return response(response, bytes.length, new Body(bytes, charset(response)), null);
    }
    return response(response, count(response), null, null);
  }

  private static Response response(
      StreamedResponse response, long bytes, @Nullable Body body, @Nullable String file) {
    String finalUrl = response.history().isEmpty() ? null : response.url();
    return new Response(response.status(), bytes, response.headers(), finalUrl, body, file);
  }

  @Suspends
  private long count(StreamedResponse response) {
    BodyCounter counter = new BodyCounter(bodies.maxBytes());
    byte[] chunk;
    while ((chunk = response.read()) != null) {
      counter.add(chunk.length);
    }
    return counter.bytes();
  }

  @Suspends
  private byte[] collect(StreamedResponse response) {
    BodyCounter counter = new BodyCounter(bodies.maxBytes());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] chunk;
    while ((chunk = response.read()) != null) {
      counter.add(chunk.length);
      all.writeBytes(chunk);
    }
    return all.toByteArray();
  }

  private static Charset charset(StreamedResponse response) {
    String contentType = response.headers().get("content-type");
    Matcher charset = CHARSET.matcher(contentType == null ? "" : contentType);
    try {
      return charset.find() ? Charset.forName(charset.group(1)) : StandardCharsets.UTF_8;
    } catch (IllegalArgumentException unknown) {
      return StandardCharsets.UTF_8;
    }
  }

  /** How busy the embedded server was. */
  @Override
  public String remark() {
    return embedded.remark();
  }

  @Override
  public void close() {
    http.close();
    embedded.close();
  }
}
