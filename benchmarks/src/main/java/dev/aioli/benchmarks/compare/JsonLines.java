package dev.aioli.benchmarks.compare;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A line of JSON for each result, for other programs to read. */
final class JsonLines {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private JsonLines() {}

  static String of(Results.Cell cell) {
    return JSON.writeValueAsString(line(cell));
  }

  private static Map<String, Object> line(Results.Cell cell) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("system", cell.system());
    line.put("workload", cell.row().name());
    line.put("ns_per_op", cell.nanos());
    line.put("bytes", cell.bytes());
    line.put("note", cell.note());
    line.put("tasks", cell.row().tasks());
    line.put("samples", cell.samples());
    return line;
  }
}
