package dev.aioli.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One instruction of a scenario with its place in it, its fields and the blocks inside it. */
final class Instruction {
  /** The letters that name the nested blocks in a path. */
  private static final Map<String, String> BLOCK_LETTERS =
      Map.of("body", "b", "handler", "h", "finally", "f", "then", "t", "else", "e", "do", "d");

  private final String op;
  private final Ops.Sort sort;
  private final String path;
  private final boolean soft;
  private final JsonNode fields;
  private final Map<String, List<Instruction>> blocks;

  private Instruction(JsonNode fields, String path) {
    this.fields = fields;
    this.path = path;
    op = fields.path("op").stringValue();
    sort = Ops.sort(op, path);
    soft = fields.path("soft").booleanValue(false);
    blocks = new HashMap<>(4);
    BLOCK_LETTERS.forEach((key, letter) -> {
      JsonNode block = fields.get(key);
      if (block != null) {
        blocks.put(key, block(block, path + "." + letter));
      }
    });
  }

  /** The instructions of a block, whose paths begin with the given text. */
  static List<Instruction> block(JsonNode block, String prefix) {
    List<Instruction> code = new ArrayList<>(block.size());
    for (int i = 0; i < block.size(); i++) {
      code.add(new Instruction(block.get(i), prefix + i));
    }
    return code;
  }

  String op() {
    return op;
  }

  Ops.Sort sort() {
    return sort;
  }

  String path() {
    return path;
  }

  /** Whether an error of this instruction goes no further than the trace. */
  boolean soft() {
    return soft;
  }

  boolean has(String field) {
    return fields.has(field);
  }

  /** A nested block; empty if there is none of that name. */
  List<Instruction> block(String name) {
    return blocks.getOrDefault(name, List.of());
  }

  @Nullable JsonNode field(String name) {
    return fields.get(name);
  }

  JsonNode required(String name) {
    return Objects.requireNonNull(
        fields.get(name), () -> op + " at " + path + " has no field '" + name + "'");
  }

  String text(String name) {
    return required(name).stringValue();
  }

  @Nullable String textOrNull(String name) {
    JsonNode value = fields.get(name);
    return value == null ? null : value.stringValue();
  }

  long number(String name) {
    return required(name).longValue();
  }

  long number(String name, long byDefault) {
    JsonNode value = fields.get(name);
    return value == null ? byDefault : value.longValue();
  }

  boolean flag(String name) {
    return fields.path(name).booleanValue(false);
  }

  @Nullable Object value() {
    return Json.plain(fields.get("value"));
  }

  /** The field {@code ms}; null if it is absent or null. */
  @Nullable Duration limit() {
    JsonNode ms = fields.get("ms");
    return ms == null || ms.isNull() ? null : Duration.ofMillis(ms.longValue());
  }
}
