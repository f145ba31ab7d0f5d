package dev.aioli.http.client;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import java.util.ArrayList;
import java.util.List;

/**
 * How fast the client is, and what it costs: requests one after the other in so many tasks, for a
 * number of rounds. A program to be run by hand, against a server that is faster than the client:
 *
 * <pre>{@code
 * ClientBenchmark http://127.0.0.1:8080/small.json 64 100000 5
 * ClientBenchmark https://127.0.0.1:8443/small.json 512 100000 5 NEGOTIATE
 * }</pre>
 */
final class ClientBenchmark {
  private ClientBenchmark() {}

  public static void main(String[] args) {
    String url = args[0];
    int inFlight = Integer.parseInt(args[1]);
    int requests = Integer.parseInt(args[2]);
    int rounds = Integer.parseInt(args[3]);
    Http2 http2 = args.length > 4 ? Http2.valueOf(args[4]) : Http2.OFF;
    Asyncio.run(() -> {
      try (var http = HttpClient.builder().limit(inFlight).insecure().http2(http2).build()) {
        for (int round = 0; round < rounds; round++) {
          long start = System.nanoTime();
          long cpu = cpuNanos();
          ask(http, url, inFlight, requests / inFlight);
          double seconds = (System.nanoTime() - start) / 1e9;
          double cpuSeconds = (cpuNanos() - cpu) / 1e9;
          IO.println(
              "%d in flight: %,.0f requests/s, %.2f CPU s per 100,000"
                  .formatted(inFlight, requests / seconds, cpuSeconds * 100_000 / requests));
        }
      }
    });
  }

  private static void ask(HttpClient http, String url, int tasks, int times) {
    List<Task<Integer>> workers = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      workers.add(
          Asyncio.createTask(() -> {
            int bytes = 0;
            for (int n = 0; n < times; n++) {
              bytes += http.get(url).bytes().length;
            }
            return bytes;
          }));
    }
    Asyncio.gather(workers);
  }

  private static long cpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }
}
