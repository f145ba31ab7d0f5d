package dev.aioli.http.server;

import dev.aioli.http.wire.Http1Fields;
import dev.aioli.http.wire.Parameterized;
import java.nio.charset.Charset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads forms, in memory: the body that it is given has been bounded. Of no thread. */
final class FormReader {
  private static final String URL_ENCODED = "application/x-www-form-urlencoded";
  private static final String MULTIPART = "multipart/form-data";
  private static final int MAX_FIELDS = 10_000;

  private final Charset charset;
  private final @Nullable String boundary;

  private FormReader(Charset charset, @Nullable String boundary) {
    this.charset = charset;
    this.boundary = boundary;
  }

  /**
   * A reader for a body of this type.
   *
   * @throws HttpStatusException 415 if it is none of a form, 400 if it is malformed
   */
  static FormReader forType(@Nullable String contentType) {
    String found = contentType == null ? "" : contentType;
    int semicolon = found.indexOf(';');
    String name = (semicolon < 0 ? found : found.substring(0, semicolon)).strip();
    boolean multipart = name.equalsIgnoreCase(MULTIPART);
    if (!multipart && !name.equalsIgnoreCase(URL_ENCODED)) {
      throw new HttpStatusException(
          415,
          "expected a form ("
              + URL_ENCODED
              + " or "
              + MULTIPART
              + "), found "
              + (contentType == null ? "no Content-Type" : contentType));
    }
    try {
      Parameterized type = Parameterized.parse(found);
      return new FormReader(Http1Fields.charset(contentType), multipart ? boundary(type) : null);
    } catch (IllegalArgumentException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
  }

  /** What separates the parts of a body of this type. */
  static String boundary(Parameterized type) {
    String boundary = type.get("boundary");
    if (boundary == null || boundary.isEmpty()) {
      throw malformed("its Content-Type names no boundary");
    }
    return boundary;
  }

  static HttpStatusException malformed(String problem) {
    return new HttpStatusException(400, "malformed form: " + problem);
  }

  static HttpStatusException tooManyFields(int most) {
    return new HttpStatusException(413, "expected a form of at most " + most + " fields");
  }

  /**
   * Reads a form. The work is a fixed amount for each byte, whatever they are.
   *
   * @throws HttpStatusException 400 if it is malformed, 413 if it has too many fields
   */
  Form read(byte[] body) {
    if (boundary != null) {
      return new MultipartReader(body, charset, MAX_FIELDS).read(boundary);
    }
    try {
      return new Form(UrlEncoded.parse(body, charset, MAX_FIELDS), List.of());
    } catch (IllegalArgumentException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
  }
}
