package dev.aioli.cli;

import dev.aioli.http.Headers;
import dev.aioli.http.url.RedactedUrl;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a request from an object of JSON: {@code url}, and where wanted {@code priority}, {@code
 * method}, {@code headers} (name to a value or a list of values), and one of {@code body} (a text,
 * or any JSON to be sent as such) and {@code body_base64}. What is not said is as for all URLs.
 */
final class JsonLineParser {
  private static final List<String> FIELDS =
      List.of("url", "priority", "method", "headers", "body", "body_base64");
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final RequestTemplate template;
  private final long defaultPriority;

  JsonLineParser(RequestTemplate template, long defaultPriority) {
    this.template = template;
    this.defaultPriority = defaultPriority;
  }

  /**
   * Reads a request.
   *
   * @throws IllegalArgumentException if it is malformed: says what was expected
   */
  FetchRequest parse(String line) {
    JsonNode object = read(line);
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!FIELDS.contains(field.getKey())) {
        throw new IllegalArgumentException(
            "expected no fields but "
                + String.join(", ", FIELDS)
                + "; found '"
                + field.getKey()
                + "'");
      }
    }
    String url = string(object, "url");
    if (url == null) {
      throw new IllegalArgumentException("expected a field 'url'");
    }
    RequestTemplate own = template(object);
    return own == null
        ? new FetchRequest(url, TargetUrl.parse(url), priority(object), template)
        : new FetchRequest(url, TargetUrl.parse(url), priority(object), own, own.digest());
  }

  private static JsonNode read(String line) {
    try {
      return MAPPER.readTree(line);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "expected an object of JSON on one line: " + e.getOriginalMessage(), e);
    }
  }

  private long priority(JsonNode object) {
    JsonNode priority = object.get("priority");
    if (priority == null) {
      return defaultPriority;
    }
    if (!priority.isIntegralNumber() || !priority.canConvertToLong()) {
      throw expected("a whole number", "priority", priority);
    }
    return priority.asLong();
  }

  /** Null if the object says nothing about it. */
  private @Nullable RequestTemplate template(JsonNode object) {
    String method = string(object, "method");
    JsonNode headers = object.get("headers");
    byte[] body = body(object);
    if (method == null && headers == null && body == null) {
      return null;
    }
    Headers all = headers == null ? template.headers() : merged(headers);
    if (body != null && isStructured(object.get("body")) && !all.contains("content-type")) {
      all = all.with("Content-Type", "application/json");
    }
    return new RequestTemplate(
        method != null ? RequestChecks.method(method) : body != null ? "POST" : template.method(),
        all,
        body == null ? template.body() : body);
  }

  /** The fields of the line, and those of all requests that it does not name. */
  private Headers merged(JsonNode headers) {
    if (!headers.isObject()) {
      throw expected("an object", "headers", headers);
    }
    Headers own = Headers.EMPTY;
    for (Map.Entry<String, JsonNode> field : headers.properties()) {
      JsonNode values = field.getValue();
      for (JsonNode value : values.isArray() ? values.values() : List.of(values)) {
        if (!value.isValueNode() || value.isNull()) {
          throw expected("texts", "headers", value);
        }
        HeaderField checked = RequestChecks.field(field.getKey(), value.asString());
        own = own.with(checked.name(), checked.value());
      }
    }
    Headers all = own;
    for (Map.Entry<String, String> field : template.headers()) {
      if (!own.contains(field.getKey())) {
        all = all.with(field.getKey(), field.getValue());
      }
    }
    return all;
  }

  private static byte @Nullable [] body(JsonNode object) {
    JsonNode body = object.get("body");
    String base64 = string(object, "body_base64");
    if (body != null && base64 != null) {
      throw new IllegalArgumentException("expected one of 'body' and 'body_base64', found both");
    }
    if (base64 != null) {
      try {
        return Base64.getDecoder().decode(base64);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "expected Base64 as 'body_base64': " + e.getMessage(), e);
      }
    }
    if (body == null) {
      return null;
    }
    return Utf8.encode(body.isString() ? body.asString() : body.toString());
  }

  private static boolean isStructured(@Nullable JsonNode body) {
    return body != null && !body.isString();
  }

  private static @Nullable String string(JsonNode object, String name) {
    JsonNode value = object.get(name);
    if (value == null) {
      return null;
    }
    if (!value.isString()) {
      throw expected("a text", name, value);
    }
    return value.asString();
  }

  private static IllegalArgumentException expected(String what, String name, JsonNode found) {
    return new IllegalArgumentException(
        "expected " + what + " as '" + name + "', found " + RedactedUrl.in(found.toString()));
  }
}
