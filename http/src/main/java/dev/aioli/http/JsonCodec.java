package dev.aioli.http;

import org.jspecify.annotations.Nullable;

/**
 * What makes JSON of objects and objects of JSON, for a client or a server: {@link
 * dev.aioli.http.client.HttpClientBuilder#json}, {@link
 * dev.aioli.http.server.HttpServerBuilder#json}.
 *
 * <p>Where none is chosen it is Jackson 3 if that is there, else Jackson 2: see {@link
 * Jackson3Codec} and {@link Jackson2Codec}. Neither is needed by who has no JSON, and nothing of
 * them is loaded then.
 *
 * <p>It is called from the loop's tasks, and for large bodies from worker threads: several at the
 * same time. Neither method may suspend.
 */
public interface JsonCodec {
  /**
   * A value as JSON, in UTF-8.
   *
   * @throws JsonException if it cannot be written
   */
  byte[] write(@Nullable Object value);

  /**
   * What JSON says, in UTF-8, as an object of a class; null for {@code null}.
   *
   * @throws JsonException if it is not JSON, or does not fit the class
   */
  <T> @Nullable T read(byte[] json, Class<T> type);
}
