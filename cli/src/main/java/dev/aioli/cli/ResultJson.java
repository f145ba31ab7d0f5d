package dev.aioli.cli;

import dev.aioli.http.Headers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/**
 * A result as a line of JSON.
 *
 * @param result what to write
 * @param withHeaders whether to write the header fields of the answer
 */
record ResultJson(FetchResult result, boolean withHeaders) implements JsonLine {
  @Override
  public void writeTo(JsonGenerator json) {
    Fetcher.Response response = result.response();
    json.writeStartObject();
    json.writeStringProperty("url", result.url());
    if (response == null) {
      json.writeNullProperty("status");
    } else {
      json.writeNumberProperty("status", response.status());
    }
    json.writeNumberProperty("bytes", response == null ? 0 : response.bytes());
    json.writeNumberProperty("ms", Math.round(result.nanos() / 1e3) / 1e3);
    json.writeNumberProperty("attempts", result.attempts());
    if (result.digest() != null) {
      json.writeStringProperty("request", result.digest());
    }
    if (response != null) {
      writeAnswer(json, response);
    }
    writeError(json);
    json.writeEndObject();
  }

  private void writeAnswer(JsonGenerator json, Fetcher.Response response) {
    if (response.finalUrl() != null) {
      json.writeStringProperty("final_url", response.finalUrl());
    }
    if (withHeaders) {
      writeHeaders(json, response.headers());
    }
    if (response.file() != null) {
      json.writeStringProperty("file", response.file());
    }
    if (response.body() != null) {
      writeBody(json, response.body());
    }
  }

  /** A text a field, or an array where a field came several times. */
  static void writeHeaders(JsonGenerator json, Headers headers) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    for (Map.Entry<String, String> field : headers) {
      fields
          .computeIfAbsent(field.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>(1))
          .add(field.getValue());
    }
    json.writeObjectPropertyStart("headers");
    fields.forEach((name, values) -> {
      if (values.size() == 1) {
        json.writeStringProperty(name, values.getFirst());
      } else {
        json.writeArrayPropertyStart(name);
        values.forEach(json::writeString);
        json.writeEndArray();
      }
    });
    json.writeEndObject();
  }

  /** As text where it is one, else in Base64. */
  static void writeBody(JsonGenerator json, Body body) {
    String text = body.text();
    if (text != null) {
      json.writeStringProperty("body", text);
    } else {
      json.writeBinaryProperty("body_base64", body.bytes());
    }
  }

  private void writeError(JsonGenerator json) {
    FetchError error = result.error();
    if (error == null) {
      json.writeNullProperty("error");
      return;
    }
    json.writeObjectPropertyStart("error");
    json.writeStringProperty("type", error.type().text());
    json.writeStringProperty("message", error.message());
    json.writeEndObject();
  }
}
