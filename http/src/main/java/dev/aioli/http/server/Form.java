package dev.aioli.http.server;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A form that was sent: {@link ServerRequest#form}.
 *
 * <p>Text is in the character set of the Content-Type, else UTF-8; what is no text there becomes
 * U+FFFD. Names of fields and files of a multipart form are as the client had them: {@code %22},
 * {@code %0D} and {@code %0A} stand for a quote and the ends of a line, as browsers send them, and
 * {@code \"} and {@code \\} for a quote and a backslash, as others do; any other percent sign or
 * backslash is itself. A name may be empty.
 *
 * @param fields name and values of each field that is no file, in order
 * @param files the files, in order
 */
public record Form(Map<String, List<String>> fields, List<File> files) {
  /** The first value of a field; null if there is none. */
  public @Nullable String get(String name) {
    List<String> values = fields.get(name);
    return values == null ? null : values.getFirst();
  }

  /** The first file of a field; null if there is none. */
  public @Nullable File file(String name) {
    return files.stream().filter(file -> file.field.equals(name)).findFirst().orElse(null);
  }

  /**
   * A file of a multipart form.
   *
   * @param field the name of the field
   * @param name the file's name as the client gave it: any text, not to be used as a path
   * @param contentType what the client thinks it is
   * @param bytes the content
   */
  @SuppressWarnings("ArrayRecordComponent") // the bytes are handed over, not compared
  public record File(String field, String name, String contentType, byte[] bytes) {
    /** The content as text in UTF-8. */
    public String text() {
      return text(StandardCharsets.UTF_8);
    }

    /** The content as text. */
    public String text(Charset charset) {
      return new String(bytes, charset);
    }
  }
}
