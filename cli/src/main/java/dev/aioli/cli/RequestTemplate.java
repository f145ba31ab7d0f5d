package dev.aioli.cli;

import dev.aioli.http.Headers;
import dev.aioli.http.client.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All of a request but its URL.
 *
 * @param method in capitals
 * @param headers what is sent beside what HTTP demands
 * @param body null for none
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes are handed over, not compared
record RequestTemplate(String method, Headers headers, byte @Nullable [] body) {
  /** A plain GET. */
  static final RequestTemplate GET = new RequestTemplate("GET", Headers.EMPTY, null);

  /** RFC 9110, 9.2.2. */
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE");

  private static final int DIGEST_BYTES = 8;

  /** The request for a URL. */
  HttpRequest request(String url) {
    HttpRequest request = HttpRequest.of(method, url).headers(headers);
    return body == null ? request : request.body(body);
  }

  /** Whether asking twice is as good as once. */
  boolean idempotent() {
    return IDEMPOTENT.contains(method);
  }

  /** Tells requests for the same URL apart: 16 hexadecimal digits. */
  String digest() {
    MessageDigest sha = Sha256.digest();
    sha.update(method.getBytes(StandardCharsets.UTF_8));
    for (Map.Entry<String, String> field : headers) {
      String line = "\n" + field.getKey() + ": " + field.getValue();
      sha.update(line.getBytes(StandardCharsets.UTF_8));
    }
    if (body != null) {
      sha.update(new byte[] {'\n', '\n'});
      sha.update(body);
    }
    return HexFormat.of().formatHex(Arrays.copyOf(sha.digest(), DIGEST_BYTES));
  }
}
