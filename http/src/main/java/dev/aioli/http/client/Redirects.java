package dev.aioli.http.client;

import dev.aioli.http.Headers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a redirect makes of a request: the rules of RFC 9110, 15.4, as aiohttp and curl read them.
 */
final class Redirects {
  /** So much of a redirect's body is read, to keep the connection. */
  static final int MAX_BODY_BYTES = 64 * 1024;

  private static final List<String> OF_THE_BODY =
      List.of("Content-Type", "Content-Encoding", "Content-Language", "Content-Location");
  private static final List<String> OF_THE_ORIGIN =
      List.of("Authorization", "Cookie", "Proxy-Authorization", "Host");

  private Redirects() {}

  /** Where a response sends its client; null if nowhere. */
  static @Nullable String location(int status, Headers headers) {
    return switch (status) {
      case 301, 302, 303, 307, 308 -> headers.get("location");
      default -> null;
    };
  }

  /**
   * Whether a redirect is followed though its body has failed: its head is what counts. Not when
   * the time for all of it is up.
   */
  static boolean forgives(HttpException error) {
    return !(error instanceof HttpException.TimedOut late
        && late.limit() == HttpException.TimedOut.Limit.TOTAL);
  }

  /**
   * The request to follow with. 303 makes everything but HEAD a GET, 301 and 302 do so with POST;
   * what was for the first origin alone does not go to another.
   */
  static HttpRequest follow(HttpRequest request, int status, boolean otherOrigin) {
    String method = request.method();
    Headers headers = request.headers();
    RequestBody body = request.body();
    boolean becomesGet =
        status == 303
            ? !method.equals("HEAD")
            : (status == 301 || status == 302) && method.equals("POST");
    if (becomesGet) {
      method = "GET";
      headers = headers.without(OF_THE_BODY);
      body = null;
    }
    if (otherOrigin) {
      headers = headers.without(OF_THE_ORIGIN);
    }
    return request.redirected(method, headers, body);
  }
}
