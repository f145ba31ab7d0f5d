package dev.aioli.http.server;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A form that was sent: {@link ServerRequest#form}.
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
