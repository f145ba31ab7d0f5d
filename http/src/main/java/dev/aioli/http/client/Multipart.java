package dev.aioli.http.client;

import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.JsonCodec;
import dev.aioli.http.wire.Utf8;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The body of a form with files: {@code multipart/form-data} (RFC 7578), its names encoded as
 * browsers do it. Files are read as they are sent. Not changed once made: each method gives a new
 * one.
 *
 * <pre>{@code
 * HttpRequest.post(url).body(Multipart.of()
 *     .field("title", "Holidays")
 *     .file("picture", Path.of("beach.jpg"), "image/jpeg"))
 * }</pre>
 */
public final class Multipart implements RequestBody {
  private final String boundary;

  /**
   * Null for a form without fields. Each knows the one before: a list would be copied each time.
   */
  private final @Nullable Part last;

  private record Part(BytesBody head, RequestBody body, @Nullable Part before) {}

  private Multipart(String boundary, @Nullable Part last) {
    this.boundary = boundary;
    this.last = last;
  }

  /** A form without fields yet. */
  public static Multipart of() {
    return new Multipart("aioli-" + UUID.randomUUID(), null);
  }

  /**
   * The same with one more field, in UTF-8.
   *
   * @throws IllegalArgumentException if name or value has half of a surrogate pair
   */
  public Multipart field(String name, String value) {
    return with(name, null, null, new BytesBody(Utf8.bytes(value), null));
  }

  /**
   * The same with one more file, under its own name.
   *
   * @param contentType such as {@code image/png}
   */
  public Multipart file(String name, Path file, String contentType) {
    Path fileName = Objects.requireNonNull(file.getFileName(), "the file has no name");
    return part(name, fileName.toString(), contentType, RequestBody.file(file));
  }

  /** The same with one more file, which need not be one: its name, type and content. */
  public Multipart part(String name, String fileName, String contentType, RequestBody content) {
    return with(name, fileName, contentType, content);
  }

  private Multipart with(
      String name, @Nullable String fileName, @Nullable String contentType, RequestBody body) {
    StringBuilder head = new StringBuilder();
    head.append("--").append(boundary).append("\r\nContent-Disposition: form-data; name=\"");
    head.append(escape(name)).append('"');
    if (fileName != null) {
      head.append("; filename=\"").append(escape(fileName)).append('"');
    }
    if (contentType != null) {
      // It goes through the checks of a header field, for a line end in it would add fields.
      head.append("\r\nContent-Type: ")
          .append(Headers.of("Content-Type", contentType).get("Content-Type"));
    }
    head.append("\r\n\r\n");
    BytesBody headBytes = new BytesBody(Utf8.bytes(head.toString()), null);
    return new Multipart(boundary, new Part(headBytes, body, last));
  }

  /** The same once the client is known, which writes those of its parts that are JSON. */
  Multipart writtenBy(@Nullable JsonCodec codec) {
    Part before = null;
    for (Part part : parts()) {
      RequestBody body = part.body instanceof JsonBody json ? json.writtenBy(codec) : part.body;
      before = new Part(part.head, body, before);
    }
    return new Multipart(boundary, before);
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    for (Part part = last; part != null; part = part.before) {
      parts.add(part);
    }
    return parts.reversed();
  }

  /** As the HTML standard wants it. */
  private static String escape(String name) {
    return name.replace("\r", "%0D").replace("\n", "%0A").replace("\"", "%22");
  }

  private byte[] end() {
    return ("--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public String contentType() {
    return "multipart/form-data; boundary=" + boundary;
  }

  @Override
  public boolean repeatable() {
    return parts().stream().allMatch(part -> part.body.repeatable());
  }

  @Override
  @Suspends
  public long length() throws Exception {
    long sum = end().length;
    for (Part part : parts()) {
      long length = part.body.length();
      if (length < 0) {
        return -1;
      }
      sum += part.head.length() + length + 2;
    }
    return sum;
  }

  @Override
  @Suspends
  public void writeTo(BodySink sink) throws Exception {
    for (Part part : parts()) {
      part.head.writeTo(sink);
      part.body.writeTo(sink);
      sink.write("\r\n");
    }
    sink.write(end());
  }
}
