package dev.aioli.http.wire;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpUtil;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Header fields as Netty has them for HTTP/1.1, which is what both sides work with. */
public final class Http1Fields {
  private Http1Fields() {}

  /** The way between headers as users see them and the fields that they hold, without a copy. */
  public interface Door<H> {
    /** Headers that take the fields over: the caller does not change them any more. */
    H headers(HttpHeaders fields);

    /** The fields of headers, for a message that Netty writes. Not to be changed. */
    HttpHeaders fields(H headers);
  }

  /** The character set of a Content-Type; UTF-8 if there is none, or it names none. */
  public static Charset charset(@Nullable String contentType) {
    return contentType == null
        ? StandardCharsets.UTF_8
        : HttpUtil.getCharset(contentType, StandardCharsets.UTF_8);
  }

  /**
   * The text of a field: each character is a byte, and the bytes are text in UTF-8 if they can be,
   * as browsers send it.
   */
  public static String text(String field) {
    if (field.chars().allMatch(c -> c < 0x80)) {
      return field;
    }
    try {
      byte[] bytes = field.getBytes(StandardCharsets.ISO_8859_1);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return field;
    }
  }

  /** A copy that checks what is added: that of Netty lets any value pass, line ends included. */
  public static HttpHeaders copy(HttpHeaders fields) {
    return new DefaultHttpHeaders().add(fields);
  }
}
