package dev.aioli.conformance;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON in, and out in exactly the form that Python's json module gives it. */
final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  static JsonNode parse(String text) {
    return MAPPER.readTree(text);
  }

  /** A plain value: null, Boolean, Long, String or a List of them. */
  static @Nullable Object plain(@Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      return null;
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isIntegralNumber()) {
      return node.longValue();
    }
    if (node.isString()) {
      return node.stringValue();
    }
    if (node.isArray()) {
      List<@Nullable Object> values = new ArrayList<>();
      node.forEach(element -> values.add(plain(element)));
      return values;
    }
    throw new IllegalArgumentException("expected a plain value, found " + node);
  }

  /** The text as a JSON string, in ASCII. */
  static String quote(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2);
    appendQuoted(out, text);
    return out.toString();
  }

  static void appendQuoted(StringBuilder out, String text) {
    out.append('"');
    int copied = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        out.append(text, copied, i).append(escape(c));
        copied = i + 1;
      }
    }
    out.append(text, copied, text.length()).append('"');
  }

  private static String escape(char c) {
    return switch (c) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      case '\b' -> "\\b";
      case '\f' -> "\\f";
      default -> String.format("\\u%04x", (int) c);
    };
  }

  /** An answer of the runner's protocol, without the line's end. */
  static String answer(String name, List<String> trace) {
    StringBuilder out = new StringBuilder(64 * trace.size() + 64);
    out.append("{\"name\":");
    appendQuoted(out, name);
    out.append(",\"trace\":[");
    for (int i = 0; i < trace.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      appendQuoted(out, trace.get(i));
    }
    return out.append("]}").toString();
  }
}
