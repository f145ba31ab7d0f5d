package dev.aioli.http.wire;

import tools.jackson.databind.json.JsonMapper;

/** The one JSON mapper: making one is slow, and it is thread-safe. */
public final class Json {
  public static final JsonMapper MAPPER = JsonMapper.shared();

  private Json() {}
}
