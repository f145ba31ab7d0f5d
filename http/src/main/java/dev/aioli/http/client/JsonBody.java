package dev.aioli.http.client;

import dev.aioli.Suspends;
import dev.aioli.http.JsonCodec;
import dev.aioli.http.json.Json;
import org.jspecify.annotations.Nullable;

/** A value that is written as JSON by the client that sends it. */
record JsonBody(@Nullable Object value) implements RequestBody {
  static final String TYPE = "application/json";

  /** What is sent, once the client is known. */
  BytesBody writtenBy(@Nullable JsonCodec codec) {
    return new BytesBody(Json.orDefault(codec).write(value), TYPE);
  }

  /** For who takes bodies from requests and sends them by other means. */
  @Override
  @Suspends
  public void writeTo(BodySink sink) throws Exception {
    writtenBy(null).writeTo(sink);
  }

  @Override
  public String contentType() {
    return TYPE;
  }
}
