package dev.aioli.soak;

import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;

import dev.aioli.http.client.Http2;
import dev.aioli.process.ProcessPoolExecutor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Server, client, fetch, streams, subprocesses and process pool under load with random faults, for
 * so many minutes. Ends with status 0 if nothing went wrong and nothing grew.
 */
final class Soak {
  /** Enough for thirds, and pauses that are short beside what is between them: 5 s or more. */
  private static final int FEWEST_SAMPLES = 12;

  private static final int MOST_SAMPLES = 60;

  private Soak() {}

  /**
   * Runs it.
   *
   * @param arguments how many minutes; then, if given, the file for the curve and the random seed
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 1 || !arguments[0].matches("\\d{1,5}(\\.\\d{1,3})?")) {
      System.err.println("usage: soak MINUTES [CURVE.csv [SEED]]");
      System.exit(2);
    }
    double minutes = Double.parseDouble(arguments[0]);
    Path curve = Path.of(arguments.length > 1 ? arguments[1] : "target/soak.csv");
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
    System.out.println("seed " + seed);
    List<Sample> samples = soak(minutes, seed);
    Curve.write(curve, samples);
    Verdict verdict = Verdict.of(samples);
    verdict.growing().forEach(System.out::println);
    System.out.println((verdict.isFlat() ? "flat; " : "NOT flat; ") + "the curve is in " + curve);
    System.exit(verdict.isFlat() ? 0 : 1);
  }

  private static List<Sample> soak(double minutes, long seed) {
    System.out.print(Curve.of(List.of()));
    try (var pool =
        ProcessPoolExecutor.builder()
            .size(1)
            .jvmOptions("-Xmx48m")
            .standardError(OutputStream.nullOutputStream())
            .build()) {
      return run(() -> withServers(pool, minutes, seed));
    }
  }

  private static List<Sample> withServers(ProcessPoolExecutor pool, double minutes, long seed)
      throws IOException {
    getRunningLoop().setExceptionHandler((loop, context) -> {}); // the server's own, on purpose
    try (Servers servers = Servers.start();
        HttpLoad http = new HttpLoad(servers, Http2.OFF);
        HttpLoad http2 = new HttpLoad(servers, Http2.PRIOR_KNOWLEDGE)) {
      List<Load> loads =
          List.of(
              http,
              http2,
              new WebSocketLoad(servers),
              new KilledClientLoad(servers),
              new StreamsLoad(servers),
              new SubprocessLoad(),
              new PoolLoad(pool),
              new FetchLoad(servers));
      Run run = new Run(loads, seed, sample -> System.out.print(Curve.line(sample)));
      int count = Math.clamp(Math.round(minutes * 6), FEWEST_SAMPLES, MOST_SAMPLES);
      Duration interval = Duration.ofMillis(Math.round(minutes * 60_000 / count));
      List<Sample> samples = run.take(count, interval);
      System.out.println("steps: " + run.steps());
      return samples;
    }
  }
}
