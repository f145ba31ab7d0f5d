package dev.aioli.soak;

import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;

import dev.aioli.http.client.Http2;
import dev.aioli.process.ProcessPoolExecutor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Server, client, fetch, streams, subprocesses and process pool under load with random faults, for
 * so many minutes. Ends with status 0 if nothing went wrong and nothing grew.
 */
final class Soak {
  /** Enough for thirds, and pauses that are short beside what is between them: 5 s or more. */
  private static final int FEWEST_SAMPLES = 12;

  private static final int MOST_SAMPLES = 60;

  /** The longest step takes seconds; a machine may be busy. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * Has one load leak on purpose, to see that this is found: {@code -Ddev.aioli.soak.leak=true}.
   */
  private static final String LEAK = "dev.aioli.soak.leak";

  private Soak() {}

  /**
   * Runs it.
   *
   * @param arguments how many minutes; then, if given, the file for the curve and the random seed
   */
  public static void main(String[] arguments) throws Exception {
    System.exit(soak(List.of(arguments)));
  }

  /** The exit status: 0 if all is well, 1 if not, 2 if these arguments make no sense. */
  static int soak(List<String> arguments) throws IOException {
    if (arguments.isEmpty()
        || arguments.size() > 3
        || !arguments.get(0).matches("(?=.*[1-9])\\d{1,5}(\\.\\d{1,3})?")
        || (arguments.size() > 2 && !arguments.get(2).matches("-?\\d{1,18}"))) {
      System.err.println("usage: soak MINUTES [CURVE.csv [SEED]]");
      return 2;
    }
    double minutes = Double.parseDouble(arguments.get(0));
    Path curve = Path.of(arguments.size() > 1 ? arguments.get(1) : "target/soak.csv");
    long seed = arguments.size() > 2 ? Long.parseLong(arguments.get(2)) : System.nanoTime();
    System.out.println("seed " + seed);
    List<Sample> samples = new ArrayList<>();
    try {
      soak(minutes, seed, samples);
    } catch (AssertionError e) {
      Curve.write(curve, samples);
      e.printStackTrace();
      System.out.println("FAILED: " + e.getMessage() + "; the curve is in " + curve);
      return 1;
    }
    Curve.write(curve, samples);
    Verdict verdict = Verdict.of(samples);
    verdict.growing().forEach(System.out::println);
    System.out.println((verdict.isFlat() ? "flat; " : "NOT flat; ") + "the curve is in " + curve);
    return verdict.isFlat() ? 0 : 1;
  }

  private static void soak(double minutes, long seed, List<Sample> samples) {
    System.out.print(Curve.of(List.of()));
    try (var pool =
        ProcessPoolExecutor.builder()
            .size(1)
            .jvmOptions("-Xmx48m")
            .standardError(OutputStream.nullOutputStream())
            .build()) {
      run(() -> withServers(pool, minutes, seed, samples));
    }
  }

  private static void withServers(
      ProcessPoolExecutor pool, double minutes, long seed, List<Sample> samples)
      throws IOException {
    getRunningLoop().setExceptionHandler((loop, context) -> {}); // the server's own, on purpose
    try (Servers servers = Servers.start();
        HttpLoad http = new HttpLoad(servers, Http2.OFF);
        HttpLoad http2 = new HttpLoad(servers, Http2.PRIOR_KNOWLEDGE)) {
      List<Load> loads = new ArrayList<>();
      Collections.addAll(
          loads,
          http,
          http2,
          new WebSocketLoad(servers),
          new KilledClientLoad(servers),
          new StreamsLoad(servers),
          new SubprocessLoad(),
          new PoolLoad(pool),
          new FetchLoad(servers));
      if (Boolean.getBoolean(LEAK)) {
        loads.add(new LeakLoad());
      }
      Run run =
          new Run(
              loads,
              seed,
              PATIENCE,
              sample -> {
                samples.add(sample);
                System.out.print(Curve.line(sample));
              });
      int count = Math.clamp(Math.round(minutes * 6), FEWEST_SAMPLES, MOST_SAMPLES);
      Duration interval = Duration.ofMillis(Math.round(minutes * 60_000 / count));
      run.take(count, interval);
      System.out.println("steps: " + run.steps());
    }
  }
}
