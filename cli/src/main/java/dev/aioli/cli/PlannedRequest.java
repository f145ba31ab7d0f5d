package dev.aioli.cli;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;

/**
 * A request that would be made: what {@code --dry-run} writes.
 *
 * @param request what would be asked for
 */
record PlannedRequest(FetchRequest request) implements JsonLine {
  @Override
  public void writeTo(JsonGenerator json) {
    RequestTemplate template = request.template();
    json.writeStartObject();
    json.writeStringProperty("url", request.url());
    json.writeNumberProperty("priority", request.priority());
    json.writeStringProperty("method", template.method());
    ResultJson.writeHeaders(json, template.headers());
    if (template.body() != null) {
      ResultJson.writeBody(json, new Body(template.body(), StandardCharsets.UTF_8));
    }
    json.writeEndObject();
  }
}
