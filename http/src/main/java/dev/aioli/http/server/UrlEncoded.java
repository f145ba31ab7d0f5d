package dev.aioli.http.server;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads names and values as queries and forms have them: {@code a=1&b=two+words%21} (URL standard,
 * "application/x-www-form-urlencoded parsing"). Looks at each byte a fixed number of times.
 */
final class UrlEncoded {
  private final byte[] text;
  private final Charset charset;

  private UrlEncoded(byte[] text, Charset charset) {
    this.text = text;
    this.charset = charset;
  }

  /**
   * Reads all names with their values, in order. A name may be empty; what is nothing between two
   * {@code &} is left out.
   *
   * @param mostFields more are refused
   * @throws IllegalArgumentException if a percent sign has no two hexadecimal digits behind it
   * @throws HttpStatusException 413 if there are too many
   */
  static Map<String, List<String>> parse(byte[] text, Charset charset, int mostFields) {
    return new UrlEncoded(text, charset).parse(mostFields);
  }

  /**
   * A name or a value.
   *
   * @throws IllegalArgumentException as {@link #parse}
   */
  static String decode(byte[] text, Charset charset) {
    return new UrlEncoded(text, charset).decode(0, text.length);
  }

  private Map<String, List<String>> parse(int mostFields) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    int count = 0;
    int begin = 0;
    while (begin < text.length) {
      int end = find('&', begin, text.length);
      if (end > begin) {
        if (++count > mostFields) {
          throw FormReader.tooManyFields(mostFields);
        }
        int nameEnd = find('=', begin, end);
        String value = nameEnd == end ? "" : decode(nameEnd + 1, end);
        fields.computeIfAbsent(decode(begin, nameEnd), name -> new ArrayList<>(1)).add(value);
      }
      begin = end + 1;
    }
    return Collections.unmodifiableMap(fields);
  }

  private int find(char sign, int begin, int end) {
    int i = begin;
    while (i < end && text[i] != sign) {
      i++;
    }
    return i;
  }

  private String decode(int begin, int end) {
    byte[] decoded = new byte[end - begin];
    int length = 0;
    for (int i = begin; i < end; i++) {
      byte b = text[i];
      if (b == '%') {
        b = (byte) (digit(i + 1, end) << 4 | digit(i + 2, end));
        i += 2;
      } else if (b == '+') {
        b = ' ';
      }
      decoded[length++] = b;
    }
    return new String(decoded, 0, length, charset);
  }

  private int digit(int index, int end) {
    if (index >= end || !HexFormat.isHexDigit(text[index])) {
      throw new IllegalArgumentException(
          "expected two hexadecimal digits behind each percent sign, found something else before"
              + " byte "
              + index);
    }
    return HexFormat.fromHexDigit(text[index]);
  }
}
