package dev.aioli.benchmarks.http;

import dev.aioli.benchmarks.compare.Build;
import dev.aioli.benchmarks.compare.Pairs;
import dev.aioli.benchmarks.compare.WorkerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Measures the HTTP client, the server and the command {@code aioli fetch} of two builds, in turn.
 */
public final class HttpPairs implements AutoCloseable {
  /** The rows. */
  public static final List<String> ROWS = List.of("client", "client-http2", "server", "fetch");

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int IN_FLIGHT = 64;
  private static final int WARM_UP_SECONDS = 6;
  private static final int ROUNDS = 5;
  private static final int ROUND_SECONDS = 2;
  private static final int FETCH_REQUESTS = 200_000;

  private final Build before;
  private final Build after;
  private final Nginx nginx;
  private final @Nullable Wrk wrk;
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  private HttpPairs(Build before, Build after, Nginx nginx, @Nullable Wrk wrk) {
    this.before = before;
    this.after = after;
    this.nginx = nginx;
    this.wrk = wrk;
  }

  /**
   * Starts what the clients ask.
   *
   * @throws IOException if there is no nginx
   */
  public static HttpPairs start(Build before, Build after)
      throws IOException, InterruptedException {
    Path program =
        NginxProcess.find()
            .orElseThrow(
                () -> new IOException("expected nginx on the PATH or in /usr/sbin, found none"));
    return new HttpPairs(before, after, Nginx.start(program), Wrk.find().orElse(null));
  }

  /**
   * Measures one pair of processes in a row.
   *
   * @param afterFirst whether the build after comes first
   * @throws IOException if one of them fails, or the row cannot be measured here
   */
  public void measure(String row, boolean afterFirst, Pairs results)
      throws IOException, InterruptedException {
    List<Build> order = afterFirst ? List.of(after, before) : List.of(before, after);
    HttpResults readings = new HttpResults();
    switch (row) {
      case "client" -> measureClients(order, nginx.url(), readings);
      case "client-http2" ->
          measureClients(
              order,
              nginx.http2Url().orElseThrow(() -> new IOException("this nginx cannot speak HTTP/2")),
              readings,
              "http2");
      case "server" -> measureServers(order, readings);
      default -> measureFetch(order, readings);
    }
    Reading old = readings.median(row, before.name()).orElseThrow();
    Reading young = readings.median(row, after.name()).orElseThrow();
    results.add(row + ", CPU s/100,000", old.cpuSeconds(), young.cpuSeconds());
    results.add(row + ", us a request", 1e6 / old.perSecond(), 1e6 / young.perSecond());
  }

  private void measureClients(
      List<Build> order, String url, HttpResults readings, String... arguments)
      throws IOException, InterruptedException {
    String row = arguments.length == 0 ? "client" : "client-http2";
    List<WorkerProcess> workers = new ArrayList<>();
    try {
      for (Build build : order) {
        workers.add(worker(build, "AioliClient", arguments));
      }
      for (WorkerProcess worker : workers) {
        ask(worker, url, WARM_UP_SECONDS);
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (WorkerProcess worker : workers) {
          readings.add(row, worker.name(), "", ask(worker, url, ROUND_SECONDS));
        }
      }
    } finally {
      workers.forEach(WorkerProcess::close);
    }
  }

  private static Reading ask(WorkerProcess worker, String url, int seconds) throws IOException {
    return Reading.of(worker.ask(url + " " + IN_FLIGHT + " " + seconds * 1000L));
  }

  private void measureServers(List<Build> order, HttpResults readings)
      throws IOException, InterruptedException {
    if (wrk == null) {
      throw new IOException("expected wrk on the PATH, found none");
    }
    List<WorkerProcess> servers = new ArrayList<>();
    try {
      for (Build build : order) {
        servers.add(worker(build, "AioliServer", Nginx.BODY));
      }
      for (WorkerProcess server : servers) {
        wrk.run(server.note() + "/", IN_FLIGHT, WARM_UP_SECONDS);
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (WorkerProcess server : servers) {
          Duration used = server.cpu();
          Reading reading = wrk.run(server.note() + "/", IN_FLIGHT, ROUND_SECONDS);
          readings.add("server", server.name(), "", reading.withCpu(server.cpu().minus(used)));
        }
      }
    } finally {
      servers.forEach(WorkerProcess::close);
    }
  }

  private void measureFetch(List<Build> order, HttpResults readings)
      throws IOException, InterruptedException {
    for (Build build : order) {
      FetchRun fetch = new FetchRun(build.root().resolve("aioli").toAbsolutePath());
      fetch.prepare();
      readings.add("fetch", build.name(), "", fetch.run(nginx.url(), IN_FLIGHT, FETCH_REQUESTS));
    }
  }

  private WorkerProcess worker(Build build, String mainClass, String... arguments)
      throws IOException {
    List<String> command =
        build
            .systems(List.of("-Xmx1g"))
            .java(
                "http." + mainClass,
                HttpCommand.withNativeAccess(HttpCommand.LOOP_SCHEDULED),
                arguments);
    return new WorkerProcess(build.name(), command, watchdog, LIMIT);
  }

  @Override
  public void close() {
    nginx.close();
    watchdog.shutdownNow();
  }
}
