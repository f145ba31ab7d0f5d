package dev.aioli.http.server;

import dev.aioli.http.wire.Http1Fields;
import dev.aioli.http.wire.Parameterized;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body of type multipart/form-data (RFC 7578), in memory.
 *
 * <p>Anybody can send the worst of all bodies, so the work is bounded by the length of the body
 * alone: {@link #examined()} tells how much of it there was.
 */
final class MultipartReader {
  /*
   * Body = [preamble CRLF] delimiter-line part { CRLF delimiter-line part } CRLF last-delimiter.
   *
   * A delimiter begins with CR and has no other one in it. So, where a comparison fails, no
   * delimiter can begin inside of what was compared, but at its end: the search goes on there, and
   * looks at no byte more than twice. The head of a part is bounded, and read line by line.
   *
   * Parts are cut out of the body when their end has been found, one copy each. A part of type
   * multipart/mixed (RFC 7578, 4.3: several files of one field, which few send any more) is read in
   * the same way once more, but none inside of it.
   */

  private static final int MAX_HEAD_BYTES = 16 * 1024;
  private static final String DEFAULT_TYPE = "application/octet-stream";

  private final byte[] body;
  private final Charset charset;
  private final int mostFields;
  private final Map<String, List<String>> fields = new LinkedHashMap<>();
  private final List<Form.File> files = new ArrayList<>();
  private int count;
  private long examined;

  /**
   * A reader of one body.
   *
   * @param charset of names, and of values that do not tell theirs
   * @param mostFields more are refused, files included
   */
  MultipartReader(byte[] body, Charset charset, int mostFields) {
    this.body = body;
    this.charset = charset;
    this.mostFields = mostFields;
  }

  /**
   * Reads it. Once only.
   *
   * @throws HttpStatusException 400 if it is malformed, 413 if it has too many fields
   */
  Form read(String boundary) {
    readParts(new Delimiters(boundary, 0, body.length), null);
    return new Form(fields, files);
  }

  /** How many bytes have been looked at so far, those twice that were looked at twice. */
  long examined() {
    return examined;
  }

  /**
   * The parts between the delimiters.
   *
   * @param outerName the name of the field whose files they are; null if they are fields themselves
   */
  private void readParts(Delimiters delimiters, @Nullable String outerName) {
    delimiters.findFirst();
    while (!delimiters.last) {
      if (++count > mostFields) {
        throw FormReader.tooManyFields(mostFields);
      }
      Head head = new Head(delimiters.lineEnd, delimiters.to);
      // The line end of an empty line may be the delimiter's as well: a part without content.
      int end = delimiters.findNext(head.end - 2);
      addPart(head, Math.min(head.end, end), end, outerName);
    }
  }

  private void addPart(Head head, int begin, int end, @Nullable String outerName) {
    Parameterized disposition = head.disposition;
    if (disposition == null || (outerName == null && !disposition.is("form-data"))) {
      throw FormReader.malformed("expected Content-Disposition: form-data in each part");
    }
    String name = outerName == null ? unescaped(disposition.get("name")) : outerName;
    if (name == null) {
      throw FormReader.malformed(
          "expected a name in each part (Content-Disposition: form-data; name=\"...\")");
    }
    if (outerName == null && head.type != null && head.type.is("multipart/mixed")) {
      readParts(new Delimiters(FormReader.boundary(head.type), begin, end), name);
      return;
    }
    byte[] content = head.decode(Arrays.copyOfRange(body, begin, end));
    String fileName = fileName(disposition);
    if (fileName != null) {
      files.add(new Form.File(name, fileName, head.rawType, content));
    } else {
      fields.computeIfAbsent(name, key -> new ArrayList<>(1)).add(head.text(content));
    }
  }

  private static @Nullable String fileName(Parameterized disposition) {
    String extended = disposition.get("filename*");
    return extended == null ? unescaped(disposition.get("filename")) : extended(extended);
  }

  /** A name in RFC 8187's way, which RFC 7578 forbids and some use: {@code UTF-8''%C3%A9.txt}. */
  private static String extended(String text) {
    int charsetEnd = text.indexOf('\'');
    int languageEnd = text.indexOf('\'', charsetEnd + 1);
    if (charsetEnd < 0 || languageEnd < 0) {
      throw FormReader.malformed("expected filename*=UTF-8''..., found '" + text + "'");
    }
    try {
      Charset named = Charset.forName(text.substring(0, charsetEnd));
      String name = text.substring(languageEnd + 1).replace("+", "%2B");
      return UrlEncoded.decode(name.getBytes(StandardCharsets.ISO_8859_1), named);
    } catch (IllegalArgumentException e) {
      throw FormReader.malformed("expected filename*=UTF-8''..., found '" + text + "'");
    }
  }

  /** Browsers percent-encode these three signs in names, and no others (HTML standard). */
  private static @Nullable String unescaped(@Nullable String name) {
    if (name == null || name.indexOf('%') < 0) {
      return name;
    }
    return name.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0d", "\r")
        .replace("%0A", "\n")
        .replace("%0a", "\n");
  }

  /** Finds the lines between the parts of a stretch of the body. */
  private final class Delimiters {
    private final byte[] delimiter;
    private final int from;
    private final int to;
    private int lineEnd;
    private boolean last;

    Delimiters(String boundary, int from, int to) {
      this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
      this.from = from;
      this.to = to;
    }

    /** The first one may stand at the very beginning, without a line end before it. */
    void findFirst() {
      if (!(matches(from, 2) && isLine(from + delimiter.length - 2))) {
        findNext(from);
      }
    }

    /** Gives where the next one begins; {@link #lineEnd} is where it ends then. */
    int findNext(int begin) {
      int i = begin;
      while (i <= to - delimiter.length) {
        examined++;
        if (body[i] == '\r' && matches(i, 0) && isLine(i + delimiter.length)) {
          return i;
        }
        i++;
      }
      throw FormReader.malformed("its last boundary is missing");
    }

    private boolean matches(int begin, int skipped) {
      int length = delimiter.length - skipped;
      if (begin + length > to) {
        return false;
      }
      int mismatch =
          Arrays.mismatch(body, begin, begin + length, delimiter, skipped, delimiter.length);
      examined += mismatch < 0 ? length : mismatch;
      return mismatch < 0;
    }

    /** Whether nothing but blanks follows in the line, or the two dashes of the last one. */
    private boolean isLine(int begin) {
      if (begin + 1 < to && body[begin] == '-' && body[begin + 1] == '-') {
        last = true;
        lineEnd = begin + 2;
        return true;
      }
      int i = begin;
      while (i < to && (body[i] == ' ' || body[i] == '\t')) {
        i++;
      }
      examined += i - begin;
      lineEnd = i + 2;
      return i + 1 < to && body[i] == '\r' && body[i + 1] == '\n';
    }
  }

  /** The header fields of a part, as far as they matter. */
  private final class Head {
    private @Nullable Parameterized disposition;
    private @Nullable Parameterized type;
    private String rawType = DEFAULT_TYPE;
    private boolean base64;

    /** Where the content begins. */
    private final int end;

    Head(int begin, int to) {
      int limit = Math.min(to, begin + MAX_HEAD_BYTES);
      StringBuilder field = new StringBuilder();
      int next = begin;
      String line;
      do {
        int lineEnd = lineEnd(next, limit);
        line = new String(body, next, lineEnd - next, charset);
        next = lineEnd + 2;
        boolean goesOn = line.startsWith(" ") || line.startsWith("\t"); // RFC 5322, 2.2.3
        if (!goesOn && !field.isEmpty()) {
          field(field.toString());
          field.setLength(0);
        }
        field.append(line);
      } while (!line.isEmpty());
      end = next;
    }

    private int lineEnd(int begin, int limit) {
      for (int i = begin; i + 1 < limit; i++) {
        examined++;
        if (body[i] == '\r' && body[i + 1] == '\n') {
          return i;
        }
        if (body[i] == '\n') {
          break;
        }
      }
      throw FormReader.malformed(
          "expected header fields and an empty line at the beginning of each part, of at most "
              + MAX_HEAD_BYTES
              + " bytes");
    }

    private void field(String line) {
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw FormReader.malformed(
            "expected a header field in a part, found a line without a colon");
      }
      String value = line.substring(colon + 1).strip();
      try {
        switch (line.substring(0, colon).strip().toLowerCase(Locale.ROOT)) {
          case "content-disposition" -> {
            if (disposition != null) {
              throw FormReader.malformed(
                  "expected one Content-Disposition in each part, found several");
            }
            disposition = Parameterized.parse(value);
          }
          case "content-type" -> {
            rawType = value;
            type = Parameterized.parse(value);
          }
          case "content-transfer-encoding" -> base64 = isBase64(value);
          default -> {} // RFC 7578, 4.8: others are ignored
        }
      } catch (IllegalArgumentException e) {
        throw FormReader.malformed(String.valueOf(e.getMessage()));
      }
    }

    /** RFC 7578, 4.7 tells senders to leave the field away; some programs send base64. */
    private static boolean isBase64(String coding) {
      return switch (coding.toLowerCase(Locale.ROOT)) {
        case "base64" -> true;
        case "7bit", "8bit", "binary" -> false;
        default ->
            throw FormReader.malformed(
                "expected a Content-Transfer-Encoding of binary or base64, found " + coding);
      };
    }

    byte[] decode(byte[] content) {
      if (!base64) {
        return content;
      }
      try {
        return Base64.getMimeDecoder().decode(content);
      } catch (IllegalArgumentException e) {
        throw FormReader.malformed(
            "expected base64, as Content-Transfer-Encoding has it: " + e.getMessage());
      }
    }

    String text(byte[] content) {
      String named = type == null ? null : type.get("charset");
      return new String(content, named == null ? charset : Http1Fields.charset(rawType));
    }
  }
}
