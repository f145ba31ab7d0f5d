package dev.aioli.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** A body given as an option: a text, or {@code @FILE}, or {@code @-} for stdin. */
final class BodyArgument {
  /** The argument that means stdin. */
  static final String STDIN = "@-";

  private static final JsonFactory JSON = new JsonFactory();

  private BodyArgument() {}

  /**
   * Reads a body.
   *
   * @throws IllegalArgumentException if the file or the argument cannot be read
   */
  static byte[] read(String option, String argument) {
    if (!argument.startsWith("@")) {
      return Utf8.argument(argument, "put them into a file, " + option + " @FILE")
          .getBytes(StandardCharsets.UTF_8);
    }
    String name = argument.substring(1);
    try (InputStream in = argument.equals(STDIN) ? Stdin.open() : new FileInputStream(name)) {
      return in.readAllBytes();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          option
              + ": cannot read "
              + (argument.equals(STDIN) ? "stdin (" + e.getMessage() + ")" : e.getMessage()),
          e);
    }
  }

  /**
   * Reads a body that must be JSON.
   *
   * @throws IllegalArgumentException if it is not, or the file cannot be read
   */
  static byte[] readJson(String option, String argument) {
    byte[] body = read(option, argument);
    int values = 0;
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
      while (parser.nextToken() != null) {
        parser.skipChildren();
        values++;
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException(option + ": expected JSON: " + e.getOriginalMessage(), e);
    }
    if (values != 1) {
      throw new IllegalArgumentException(
          option + ": expected one value of JSON, found " + (values == 0 ? "none" : "several"));
    }
    return body;
  }
}
