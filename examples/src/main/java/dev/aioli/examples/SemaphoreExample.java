package dev.aioli.examples;

import static dev.aioli.Asyncio.*;
import static java.util.stream.IntStream.range;

import dev.aioli.http.client.HttpClient;
import dev.aioli.httpbin.Httpbin;
import dev.aioli.sync.Semaphore;
import java.io.IOException;

/**
 * A semaphore with six permits: of twelve requests at most six are in flight. The server is one
 * that this program starts itself, so it needs no network.
 *
 * <pre>{@code
 * $ ./aioli example semaphore
 * a=0: 200 in under 5 s
 * a=1: 200 in under 5 s
 * a=2: 200 in under 5 s
 * a=3: 200 in under 5 s
 * a=4: 200 in under 5 s
 * a=5: 200 in under 5 s
 * a=6: 200 in under 5 s
 * a=7: 200 in under 5 s
 * a=8: 200 in under 5 s
 * a=9: 200 in under 5 s
 * a=10: 200 in under 5 s
 * a=11: 200 in under 5 s
 * most in flight: 6
 * }</pre>
 */
public final class SemaphoreExample {
  private final HttpClient http;
  private final String server;
  private final Semaphore limit = new Semaphore(6);

  // Plain fields: between two suspensions a task is alone.
  private int inFlight;
  private int mostInFlight;

  private SemaphoreExample(HttpClient http, String server) {
    this.http = http;
    this.server = server;
  }

  /** Runs the example. */
  public static void main(String[] args) {
    run(SemaphoreExample::program);
  }

  static void program() throws IOException {
    try (var httpbin = Httpbin.start();
        var http = HttpClient.create()) {
      var example = new SemaphoreExample(http, httpbin.url());
      var lines = gather(range(0, 12).mapToObj(n -> task(() -> example.fetch(n))).toList());
      lines.forEach(IO::println);
      IO.println("most in flight: " + example.mostInFlight);
    }
  }

  private String fetch(int n) {
    try (var permit = limit.acquire()) { // suspends this task, never the loop
      inFlight++;
      mostInFlight = Math.max(mostInFlight, inFlight);
      var start = getRunningLoop().time();
      var response = http.get(server + "/get?a=" + n);
      var seconds = getRunningLoop().time().minus(start).toSeconds();
      inFlight--;
      var time = seconds < 5 ? "under 5 s" : seconds + " s"; // milliseconds, once the JVM is warm
      var a = response.json().at("/args/a").asString();
      return "a=%s: %d in %s".formatted(a, response.status(), time);
    }
  }
}
