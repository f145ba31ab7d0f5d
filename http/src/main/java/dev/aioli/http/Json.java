package dev.aioli.http;

import tools.jackson.databind.json.JsonMapper;

/** The one JSON mapper: making one is slow, and it is thread-safe. */
final class Json {
  static final JsonMapper MAPPER = JsonMapper.shared();

  private Json() {}
}
