package dev.aioli.benchmarks.fetchers;

import dev.aioli.benchmarks.compare.Median;
import dev.aioli.benchmarks.compare.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** What the fetchers took, and what the targets say of it. */
final class Runs {
  private record Key(String row, Fetcher fetcher) {}

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Map<Key, List<Run>> runs = new LinkedHashMap<>();

  void add(Row row, Fetcher fetcher, Run run) {
    runs.computeIfAbsent(new Key(row.name(), fetcher), key -> new ArrayList<>()).add(run);
  }

  /** The median of each number, and the first complaint. */
  Optional<Run> median(String row, Fetcher fetcher) {
    List<Run> all = runs.get(new Key(row, fetcher));
    return all == null
        ? Optional.empty()
        : Optional.of(
            new Run(
                Median.of(all, Run::seconds),
                Median.of(all, Run::cpuSeconds),
                Median.of(all, Run::mebibytes),
                all.stream()
                    .map(Run::complaint)
                    .filter(text -> !text.isEmpty())
                    .findFirst()
                    .orElse("")));
  }

  /** Whether all did what they were asked for. */
  boolean allWell() {
    return runs.values().stream().flatMap(List::stream).allMatch(run -> run.complaint().isEmpty());
  }

  /** The numbers and the verdicts, in Markdown. */
  String toTables() {
    Table numbers = new Table(List.of("row", "fetcher", "s", "CPU s", "MiB", "each URL once"));
    runs.keySet()
        .forEach(key -> {
          Run run = median(key.row, key.fetcher).orElseThrow();
          numbers.add(
              List.of(
                  key.row,
                  key.fetcher.toString(),
                  Table.number(run.seconds()),
                  Table.number(run.cpuSeconds()),
                  Table.number(run.mebibytes()),
                  run.complaint().isEmpty() ? "yes" : "NO: " + run.complaint()));
        });
    Table targets = new Table(List.of("row", "target", "found", "reached"));
    Target.ALL.forEach(target ->
        target
            .ratio(this)
            .ifPresent(ratio ->
                targets.add(
                    List.of(
                        target.row(),
                        target.toString(),
                        Table.number(ratio) + "x",
                        target.reachedBy(ratio) ? "yes" : "NO"))));
    runs.keySet().stream()
        .filter(key -> key.fetcher == Fetcher.AIOLI)
        .forEach(key -> {
          double memory = median(key.row, key.fetcher).orElseThrow().mebibytes();
          targets.add(
              List.of(
                  key.row,
                  "memory <= " + Table.number(Target.MEBIBYTES) + " MiB",
                  Table.number(memory) + " MiB",
                  memory <= Target.MEBIBYTES ? "yes" : "NO"));
        });
    return numbers + "\n" + targets;
  }

  /** A line of JSON for each fetcher in each row. */
  String toJsonLines() {
    StringBuilder text = new StringBuilder();
    runs.keySet()
        .forEach(key -> {
          Run run = median(key.row, key.fetcher).orElseThrow();
          Map<String, Object> line = new LinkedHashMap<>();
          line.put("row", key.row);
          line.put("fetcher", key.fetcher.toString());
          line.put("s", run.seconds());
          line.put("cpu_s", run.cpuSeconds());
          line.put("mib", run.mebibytes());
          line.put("complaint", run.complaint());
          text.append(JSON.writeValueAsString(line)).append('\n');
        });
    return text.toString();
  }
}
