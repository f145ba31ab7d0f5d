package dev.aioli.http.client;

import dev.aioli.Suspends;
import dev.aioli.http.JsonCodec;
import dev.aioli.http.wire.Utf8;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, which writes itself to the server.
 *
 * <p>The factories make those of everyday use. Anything else is a lambda that writes piece by
 * piece, no faster than the server takes it:
 *
 * <pre>{@code
 * http.request(HttpRequest.post(url).body(sink -> {
 *   for (var row : rows) {
 *     sink.write(row + "\n");
 *   }
 * }));
 * }</pre>
 */
@FunctionalInterface
public interface RequestBody {
  /**
   * Writes the body. Runs in a task of its own, which is cancelled when the request ends before the
   * body does: because it was cancelled, or because the server has answered already.
   *
   * <p>Called once for each time that the request is sent: again after a redirect that repeats the
   * request, or when a pooled connection turned out to be dead, if {@link #repeatable()}.
   *
   * @throws Exception if the body cannot be had: the request fails with {@link
   *     HttpException.BodyFailed}
   */
  @Suspends
  void writeTo(BodySink sink) throws Exception;

  /**
   * The length in bytes; negative, the default, if it is not known. A body without a length is sent
   * in chunks. Asked for once a request, in its task.
   *
   * @throws Exception if it cannot be had: the request fails with {@link HttpException.BodyFailed}
   */
  @Suspends
  default long length() throws Exception {
    return -1;
  }

  /** Its Content-Type, for a request that names none; null, the default, for none. */
  default @Nullable String contentType() {
    return null;
  }

  /** Whether it can be written a second time, with the same result. The default is true. */
  default boolean repeatable() {
    return true;
  }

  /** Bytes, as they are. Not copied: leave them as they are until the request is done. */
  static RequestBody of(byte[] bytes) {
    return new BytesBody(bytes, null);
  }

  /**
   * Text, in UTF-8.
   *
   * @throws IllegalArgumentException if it has half of a surrogate pair, which UTF-8 cannot have
   */
  static RequestBody of(String text) {
    return new BytesBody(Utf8.bytes(text), "text/plain; charset=utf-8");
  }

  /**
   * Anything that the client can write as JSON. That is done when it is asked to send it, by its
   * {@link HttpClientBuilder#json}: leave the value as it is until the request is done.
   *
   * <p>The request fails with a {@link dev.aioli.http.JsonException} if it cannot be written.
   */
  static RequestBody json(@Nullable Object value) {
    return new JsonBody(value);
  }

  /**
   * Anything that a codec can write as JSON, written here and now: of megabytes the loop should be
   * spared, by {@code toThread}.
   *
   * @throws dev.aioli.http.JsonException if it cannot be written
   */
  static RequestBody json(@Nullable Object value, JsonCodec codec) {
    return new BytesBody(codec.write(value), JsonBody.TYPE);
  }

  /**
   * The fields of a form, as {@code application/x-www-form-urlencoded} in UTF-8.
   *
   * @throws IllegalArgumentException if a name or a value has half of a surrogate pair
   */
  static RequestBody form(Map<String, ?> fields) {
    StringBuilder text = new StringBuilder();
    fields.forEach(
        (name, value) -> Url.appendPair(text, name, String.valueOf(Objects.requireNonNull(value))));
    return new BytesBody(
        text.toString().getBytes(StandardCharsets.US_ASCII), "application/x-www-form-urlencoded");
  }

  /** What a file holds when the request is sent. A worker thread reads it. */
  static RequestBody file(Path file) {
    return new FileBody(file);
  }

  /**
   * What is left in a stream, which is read by a worker thread and closed. Cannot be repeated.
   *
   * @param length in bytes; negative if unknown
   */
  static RequestBody of(InputStream stream, long length) {
    return new InputStreamBody(stream, length);
  }

  /**
   * Pieces one after the other, taken from the iterable as the server takes them; its iterator may
   * suspend. Repeatable: the iterable is asked for a new iterator.
   */
  static RequestBody of(Iterable<byte[]> pieces) {
    Objects.requireNonNull(pieces, "pieces");
    return sink -> {
      for (byte[] piece : pieces) {
        sink.write(piece);
      }
    };
  }
}
