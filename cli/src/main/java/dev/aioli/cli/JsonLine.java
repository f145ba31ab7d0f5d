package dev.aioli.cli;

import tools.jackson.core.JsonGenerator;

/** Something that is written as a line of JSON. */
interface JsonLine {
  /** Writes the object. On any thread. */
  void writeTo(JsonGenerator json);
}
