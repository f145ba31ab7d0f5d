package dev.aioli.benchmarks.http;

import dev.aioli.benchmarks.compare.Median;
import dev.aioli.benchmarks.compare.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What the systems did, and what the targets say of it. */
final class HttpResults {
  /**
   * Who did what.
   *
   * @param row {@code client}, {@code fetch} or {@code server}, {@code @} and how many requests
   *     were in flight
   */
  private record Key(String row, String system) {}

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Map<Key, List<Reading>> readings = new LinkedHashMap<>();
  private final Map<Key, String> notes = new LinkedHashMap<>();

  void add(String row, String system, String note, Reading reading) {
    readings.computeIfAbsent(new Key(row, system), key -> new ArrayList<>()).add(reading);
    notes.put(new Key(row, system), note);
  }

  /** The median of each number. */
  Optional<Reading> median(String row, String system) {
    List<Reading> all = readings.get(new Key(row, system));
    return all == null
        ? Optional.empty()
        : Optional.of(
            new Reading(
                Median.of(all, Reading::requests),
                Median.of(all, Reading::perSecond),
                Median.of(all, Reading::cpuSeconds),
                Median.of(all, Reading::p50Millis),
                Median.of(all, Reading::p99Millis)));
  }

  /** The numbers and the verdicts, in Markdown. */
  String toTables() {
    Table numbers =
        new Table(
            List.of("row", "system", "requests/s", "CPU s/100,000", "p50 ms", "p99 ms", "note"));
    readings
        .keySet()
        .forEach(key -> {
          Reading median = median(key.row, key.system).orElseThrow();
          numbers.add(
              List.of(
                  key.row,
                  key.system,
                  Table.number(median.perSecond()),
                  number(median.cpuSeconds()),
                  number(median.p50Millis()),
                  number(median.p99Millis()),
                  notes.getOrDefault(key, "")));
        });
    Table targets = new Table(List.of("row", "target", "ratio", "reached"));
    for (String row : readings.keySet().stream().map(Key::row).distinct().toList()) {
      HttpTarget.ALL.forEach(target ->
          target
              .ratio(this, row)
              .ifPresent(ratio ->
                  targets.add(
                      List.of(
                          row,
                          target.toString(),
                          Table.number(ratio) + "x",
                          target.reachedBy(ratio) ? "yes" : "NO"))));
    }
    return numbers + "\n" + targets;
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "n/a" : Table.number(value);
  }

  /** JSON knows no number that is none. */
  private static @Nullable Double orNull(double value) {
    return Double.isNaN(value) ? null : value;
  }

  /** A line of JSON for each system in each row. */
  String toJsonLines() {
    StringBuilder text = new StringBuilder();
    readings
        .keySet()
        .forEach(key -> {
          Reading median = median(key.row, key.system).orElseThrow();
          Map<String, @Nullable Object> line = new LinkedHashMap<>();
          line.put("system", key.system);
          line.put("workload", key.row);
          line.put("requests_per_s", median.perSecond());
          line.put("cpu_s_per_100000", orNull(median.cpuSeconds()));
          line.put("p50_ms", orNull(median.p50Millis()));
          line.put("p99_ms", orNull(median.p99Millis()));
          line.put("note", notes.getOrDefault(key, ""));
          text.append(JSON.writeValueAsString(line)).append('\n');
        });
    return text.toString();
  }
}
