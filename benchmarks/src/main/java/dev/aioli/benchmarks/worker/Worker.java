package dev.aioli.benchmarks.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The process that is measured. It says that it is ready, then reads a request a line and answers
 * each by a line of JSON:
 *
 * <pre>
 * {"ready": "Java 25.0.1"}
 * semaphore 60 0 100                  60 tasks, no extra frames, for at least 100 ms
 * {"operations": 600000, "nanos": 123456789, "bytes": 0}
 * </pre>
 *
 * <p>A workload that it does not have is answered by {@code {"absent": true}}, one that failed by
 * {@code {"error": "..."}}. The end of its input ends it.
 */
public final class Worker {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final double OVERSHOOT = 1.2; // so that the next run is long enough for certain
  private static final int GROWTH = 16;

  private final String note;
  private final Map<String, Workload> workloads = new HashMap<>();

  /** How many rounds of a load took how long. */
  private final Map<String, Integer> rounds = new HashMap<>();

  /** A worker without workloads; the note tells which version of what it is. */
  public Worker(String note) {
    this.note = note;
  }

  /** The note of a system on this JVM. */
  public static String java() {
    return "Java " + Runtime.version();
  }

  /** Adds a workload. */
  public void add(String name, Workload workload) {
    workloads.put(name, workload);
  }

  /** Answers requests until the input ends. */
  public void serve() throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err); // whatever a library prints is no answer
    answers.println(JSON.writeValueAsString(Map.of("ready", note)));
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      answers.println(JSON.writeValueAsString(answer(line)));
    }
    System.exit(0); // threads of those that we measure may be left
  }

  private Map<String, Object> answer(String line) {
    String[] words = line.split(" ", -1);
    Workload workload = workloads.get(words[0]);
    if (workload == null) {
      return Map.of("absent", true);
    }
    try {
      Sample sample =
          measure(
              words[0],
              workload,
              Integer.parseInt(words[1]),
              Integer.parseInt(words[2]),
              Long.parseLong(words[3]) * 1_000_000);
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("operations", sample.operations());
      answer.put("nanos", sample.nanos());
      answer.put("bytes", sample.bytes());
      return answer;
    } catch (Throwable e) { // memory may be short, for one
      e.printStackTrace();
      return Map.of("error", e.toString());
    }
  }

  /** Runs it with more and more rounds until that takes the time that it should. */
  private Sample measure(String name, Workload workload, int tasks, int depth, long minNanos)
      throws Exception {
    String key = name + ' ' + tasks + ' ' + depth;
    int count = rounds.getOrDefault(key, 1);
    while (true) {
      Sample sample = workload.run(new Load(tasks, count, depth));
      double missing = minNanos * OVERSHOOT / Math.max(1, sample.nanos());
      rounds.put(key, (int) Math.clamp(count * missing, 1, Integer.MAX_VALUE >> 4));
      if (sample.nanos() >= minNanos) {
        return sample;
      }
      count = (int) Math.ceil(count * Math.clamp(missing, 1.1, GROWTH));
    }
  }
}
