package dev.aioli.http.server;

import dev.aioli.http.Headers;
import dev.aioli.http.wire.Tokens;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What a GET or HEAD wants to be true before it is answered in full (RFC 9110, section 13), of
 * something that exists.
 *
 * @param headers those of the request
 * @param etag of what is there, a strong one
 * @param modified when that was changed
 */
record Preconditions(Headers headers, String etag, Instant modified) {
  Preconditions {
    modified = modified.truncatedTo(ChronoUnit.SECONDS); // as fine as the fields are
  }

  /**
   * The status that they lead to, in the order of RFC 9110, 13.2.2.
   *
   * @return 412 if it is not what the client knows, 304 if it is and the client has it already,
   *     else 200
   */
  int status() {
    if (headers.contains("if-match")) {
      if (!named("if-match", false)) {
        return 412;
      }
    } else {
      Instant since = headers.getInstant("if-unmodified-since");
      if (since != null && modified.isAfter(since)) {
        return 412;
      }
    }
    if (headers.contains("if-none-match")) {
      return named("if-none-match", true) ? 304 : 200;
    }
    Instant since = headers.getInstant("if-modified-since");
    return since == null || modified.isAfter(since) ? 200 : 304;
  }

  /** Whether a part may be sent, if one is asked for: the client has the rest of the same. */
  boolean allowPart() {
    String condition = headers.get("if-range");
    return condition == null
        || condition.strip().equals(etag)
        || modified.equals(headers.getInstant("if-range"));
  }

  /**
   * Whether a list of entity tags has ours.
   *
   * @param weakly whether a weak one is as good as the strong one
   */
  private boolean named(String field, boolean weakly) {
    List<String> tags = headers.getAll(field);
    return Tokens.elements(tags)
        .anyMatch(
            tag -> tag.equals("*") || tag.equals(etag) || (weakly && tag.equals("W/" + etag)));
  }
}
