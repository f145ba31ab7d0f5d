package dev.aioli.httpbin;

import dev.aioli.Suspends;
import dev.aioli.http.server.Form;
import dev.aioli.http.server.HttpStatusException;
import dev.aioli.http.server.ServerRequest;
import dev.aioli.http.server.ServerResponse;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers that tell what was asked, in the shape of httpbin.org's. */
final class Echo {
  private static final JsonMapper JSON = JsonMapper.shared();

  private Echo() {}

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** What {@code /get} answers. */
  static ServerResponse get(ServerRequest request) {
    return ServerResponse.json(head(request));
  }

  /** Arguments, header, origin and URL of a request. */
  static ObjectNode head(ServerRequest request) {
    ObjectNode answer = object();
    putAll(answer.putObject("args"), request.queryParameters());
    answer.set("headers", headers(request));
    answer.put("origin", origin(request));
    answer.put("url", request.url());
    return answer;
  }

  static ObjectNode headers(ServerRequest request) {
    ObjectNode headers = object();
    for (Map.Entry<String, String> header : request.headers()) {
      headers.put(header.getKey(), String.join(",", request.headers().getAll(header.getKey())));
    }
    return headers;
  }

  static String origin(ServerRequest request) {
    return request.remoteAddress().getAddress().getHostAddress();
  }

  /** What {@code /post} and its like answer. */
  @Suspends
  static ServerResponse post(ServerRequest request) {
    return ServerResponse.json(whole(request));
  }

  /** What {@code /anything} answers. */
  @Suspends
  static ServerResponse anything(ServerRequest request) {
    return ServerResponse.json(whole(request).put("method", request.method()));
  }

  @Suspends
  private static ObjectNode whole(ServerRequest request) {
    byte[] body = request.bytes();
    ObjectNode answer = object();
    putAll(answer.putObject("args"), request.queryParameters());
    answer.put("data", "");
    ObjectNode files = answer.putObject("files");
    ObjectNode form = answer.putObject("form");
    answer.set("headers", headers(request));
    answer.putNull("json");
    answer.put("origin", origin(request));
    answer.put("url", request.url());
    if (isForm(request)) {
      Form sent = request.form();
      putAll(form, sent.fields());
      sent.files().forEach(file -> files.put(file.field(), text(file.bytes())));
    } else {
      answer.put("data", text(body));
      try {
        answer.set("json", body.length == 0 ? answer.nullNode() : request.json());
      } catch (HttpStatusException | JacksonException e) {
        // no JSON, which nobody has promised
      }
    }
    return answer;
  }

  private static boolean isForm(ServerRequest request) {
    String type = request.headers().get("content-type");
    String lower = type == null ? "" : type.toLowerCase(Locale.ROOT);
    return lower.startsWith("application/x-www-form-urlencoded")
        || lower.startsWith("multipart/form-data");
  }

  /** Bytes that are no text become a data URL. */
  private static String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return "data:application/octet-stream;base64," + Base64.getEncoder().encodeToString(bytes);
    }
  }

  private static void putAll(ObjectNode target, Map<String, List<String>> parameters) {
    parameters.forEach((name, values) -> {
      if (values.size() == 1) {
        target.put(name, values.getFirst());
      } else {
        values.forEach(target.putArray(name)::add);
      }
    });
  }
}
