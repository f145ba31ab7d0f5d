package dev.aioli.benchmarks.http;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The process of an HTTP client that is measured. It says that it is ready, then reads a request a
 * line and answers each by a line of JSON:
 *
 * <pre>
 * {"ready": "Java 25.0.1"}
 * http://127.0.0.1:8080/ 64 1000      64 requests in flight, for a second
 * {"requests": 50000, "nanos": 1000123456, "cpu_nanos": 1100000000, "p50_nanos": ..., "p99_nanos": ...}
 * </pre>
 */
final class ClientWorker {
  /** Makes requests for a time. */
  interface Client {
    /**
     * Keeps so many requests in flight, for a time, and lets those that are left end.
     *
     * @param latencies gets each request
     */
    void run(String url, int inFlight, long nanos, Latencies latencies) throws Exception;
  }

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int BODY_BYTES = 300;

  private ClientWorker() {}

  /** Answers requests until the input ends. */
  static void serve(Client client) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    answers.println(JSON.writeValueAsString(Map.of("ready", "Java " + Runtime.version())));
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      answers.println(JSON.writeValueAsString(answer(client, line)));
    }
    System.exit(0); // clients leave threads
  }

  private static Map<String, Object> answer(Client client, String line) {
    String[] words = line.split(" ", -1);
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    Latencies latencies = new Latencies();
    try {
      long cpu = system.getProcessCpuTime();
      long start = System.nanoTime();
      client.run(
          words[0], Integer.parseInt(words[1]), Long.parseLong(words[2]) * 1_000_000, latencies);
      Map<String, Object> answer = new LinkedHashMap<>();
      answer.put("requests", latencies.count());
      answer.put("nanos", System.nanoTime() - start);
      answer.put("cpu_nanos", system.getProcessCpuTime() - cpu);
      answer.put("p50_nanos", latencies.percentileNanos(50));
      answer.put("p99_nanos", latencies.percentileNanos(99));
      return answer;
    } catch (Throwable e) {
      e.printStackTrace();
      return Map.of("error", e.toString());
    }
  }

  /** Fails unless a response is what nginx was told to send. */
  static void check(int status, int bodyBytes) {
    if (status != 200 || bodyBytes != BODY_BYTES) {
      throw new IllegalStateException(
          "expected status 200 and "
              + BODY_BYTES
              + " bytes, found "
              + status
              + " and "
              + bodyBytes);
    }
  }
}
