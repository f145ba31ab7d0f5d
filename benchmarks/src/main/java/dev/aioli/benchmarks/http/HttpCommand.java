package dev.aioli.benchmarks.http;

import dev.aioli.benchmarks.compare.Pythons;
import dev.aioli.benchmarks.compare.Systems;
import dev.aioli.benchmarks.compare.WorkerProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** The command {@code benchmarks/http}. */
@Command(
    name = "http",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares HTTP clients against an nginx of their own, and HTTP servers under wrk.",
      "",
      "All of them are given a body of 300 bytes over connections that stay open, on this machine."
          + " Each round measures every system once; medians count.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all was measured",
      "1:a system failed, or there is no nginx",
      "2:wrong arguments"
    })
public final class HttpCommand implements Callable<Integer> {
  static final String AIOLI = "aioli";
  static final String HTTP2 = "aioli-http2";
  static final String NIO = "aioli-nio";
  static final String WRK = "wrk";
  static final String FETCH = "aioli fetch";

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int WARM_UP = 6; // times as long as a round: there is much to compile
  private static final int FETCH_IN_FLIGHT = 64;
  private static final String FETCH_ROW = "fetch@" + FETCH_IN_FLIGHT;

  /** So many times longer than the others: its JVM is a new one each time and has to warm up. */
  private static final int FETCH_TIMES = 10;

  private static final int FETCH_ROUNDS = 3;

  private static final List<String> HAND_OVER = List.of("-Ddev.aioli.engine=hand-over");
  static final List<String> LOOP_SCHEDULED =
      List.of("-Ddev.aioli.engine=loop-scheduled", "--add-opens=java.base/java.lang=ALL-UNNAMED");

  /** As a program has it that does not depend on one of Netty's native libraries. */
  private static final List<String> LOOP_SCHEDULED_NIO =
      Stream.concat(LOOP_SCHEDULED.stream(), Stream.of("-Ddev.aioli.net.transport=nio")).toList();

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--in-flight",
      paramLabel = "N,N",
      split = ",",
      defaultValue = "6,64,512",
      description = "How many requests are in flight (default: ${DEFAULT-VALUE}).")
  private List<Integer> inFlight = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Measure each N times (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "2",
      description = "How long a system is measured in a round (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--only",
      paramLabel = "SYSTEM,SYSTEM",
      split = ",",
      description = "Measure no other systems than these (default: all).")
  private Set<String> only = Set.of();

  @Option(names = "--no-clients", description = "Leave the clients out, and `aioli fetch`.")
  private boolean withoutClients;

  @Option(names = "--no-servers", description = "Leave the servers out.")
  private boolean withoutServers;

  @Option(names = "--quick", description = "One second each, three rounds.")
  private boolean quick;

  @Option(names = "--no-fetch", description = "Leave the command `aioli fetch` out.")
  private boolean withoutFetch;

  @Option(names = "--json", paramLabel = "FILE", description = "Write lines of JSON there.")
  private @Nullable Path json;

  private final HttpResults results = new HttpResults();
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
  private final Path home = Path.of(System.getProperty("benchmarks.home", "benchmarks"));
  private boolean failed;

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new HttpCommand()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (rounds < 1 || seconds < 1 || inFlight.stream().anyMatch(n -> n < 1)) {
      throw new CommandLine.ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          "--rounds, --seconds and --in-flight expect 1 or more");
    }
    if (quick) {
      rounds = Math.min(rounds, 3);
      seconds = 1;
    }
    Optional<Path> nginx = NginxProcess.find();
    if (nginx.isEmpty()) {
      err()
          .println(
              "expected nginx on the PATH or in /usr/sbin, found none; install it (Debian: apt"
                  + " install nginx-light)");
      return 1;
    }
    Optional<Wrk> wrk = Wrk.find();
    if (wrk.isEmpty()) {
      err().println("wrk: left out, not on the PATH; without it no server is measured");
    }
    if (!withoutClients) {
      try (Nginx server = Nginx.start(nginx.get())) {
        compareClients(server, wrk);
      }
    }
    if (wrk.isPresent() && !withoutServers) {
      compareServers(wrk.get());
    }
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    out.println(results.toTables());
    if (json == null) {
      out.print(results.toJsonLines());
    } else {
      Files.writeString(json, results.toJsonLines());
    }
    out.flush();
    return failed ? 1 : 0;
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }

  // ---- clients

  private void compareClients(Nginx server, Optional<Wrk> wrk)
      throws IOException, InterruptedException {
    String url = server.url();
    Map<String, WorkerProcess> workers = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, List<String>> client :
          clients(server.http2Url().isPresent()).entrySet()) {
        WorkerProcess worker =
            new WorkerProcess(client.getKey(), client.getValue(), watchdog, LIMIT);
        workers.put(client.getKey(), worker);
      }
      for (int width : inFlight) {
        for (WorkerProcess worker : workers.values()) {
          ask(worker, urlFor(worker, server), width, seconds * WARM_UP); // warm-up
        }
        for (int round = 0; round < rounds; round++) {
          for (WorkerProcess worker : workers.values()) {
            Reading reading = ask(worker, urlFor(worker, server), width, seconds);
            if (reading != null) {
              results.add("client@" + width, worker.name(), worker.note(), reading);
            }
          }
          if (wrk.isPresent()) {
            Reading reading = load(wrk.get(), url, width, seconds);
            if (reading != null) {
              results.add("client@" + width, WRK, "", reading);
            }
          }
        }
        err().println("measured clients, " + width + " in flight");
      }
      WorkerProcess bare = workers.get(AIOLI);
      if (!withoutFetch && bare != null) {
        measureFetch(url, bare);
      }
    } finally {
      workers.values().forEach(WorkerProcess::close);
    }
  }

  private static String urlFor(WorkerProcess worker, Nginx server) {
    return worker.name().equals(HTTP2) ? server.http2Url().orElseThrow() : server.url();
  }

  /**
   * The command and the bare client, which is warm, in turn: what else the machine does hits both.
   */
  private void measureFetch(String url, WorkerProcess client)
      throws IOException, InterruptedException {
    Path program = home.resolveSibling("aioli").toAbsolutePath().normalize();
    if (!Files.isExecutable(program)) {
      return;
    }
    FetchRun fetch = new FetchRun(program);
    fetch.prepare();
    for (int round = 0; round < Math.min(rounds, FETCH_ROUNDS); round++) {
      Reading bare = ask(client, url, FETCH_IN_FLIGHT, seconds * FETCH_TIMES);
      if (bare == null) {
        return;
      }
      results.add(FETCH_ROW, AIOLI, client.note(), bare);
      try {
        int requests = (int) Math.max(1000, bare.perSecond() * seconds * FETCH_TIMES);
        results.add(FETCH_ROW, FETCH, "cold JVM", fetch.run(url, FETCH_IN_FLIGHT, requests));
      } catch (IOException e) {
        failed = true;
        err().println("failed: " + e.getMessage());
      }
    }
    err().println("measured aioli fetch");
  }

  private @Nullable Reading ask(WorkerProcess worker, String url, int width, int time) {
    try {
      JsonNode answer = worker.ask(url + " " + width + " " + time * 1000L);
      if (answer.has("requests")) {
        return Reading.of(answer);
      }
      throw new IOException("the worker of " + worker.name() + " answered " + answer);
    } catch (IOException e) {
      failed = true;
      err().println("failed: " + e.getMessage());
      return null;
    }
  }

  private @Nullable Reading load(Wrk wrk, String url, int width, int time)
      throws InterruptedException {
    try {
      return wrk.run(url, width, time);
    } catch (IOException e) {
      failed = true;
      err().println("failed: " + e.getMessage());
      return null;
    }
  }

  private Map<String, List<String>> clients(boolean withHttp2)
      throws IOException, InterruptedException {
    Map<String, List<String>> clients = new LinkedHashMap<>();
    clients.put(AIOLI, java("AioliClient", LOOP_SCHEDULED));
    clients.put(NIO, java("AioliClient", LOOP_SCHEDULED_NIO));
    clients.put("aioli-hand-over", java("AioliClient", HAND_OVER));
    if (withHttp2) {
      clients.put(HTTP2, java("AioliClient", LOOP_SCHEDULED, "http2"));
    } else {
      err().println(HTTP2 + ": left out, this nginx cannot speak HTTP/2");
    }
    clients.put("jdk", java("JdkClient", List.of()));
    clients.put("vertx", java("VertxClient", List.of()));
    Optional<String> python = Pythons.withModule("aiohttp");
    if (python.isPresent()) {
      clients.put(
          "aiohttp", List.of(python.get(), home.resolve("python/http_worker.py").toString()));
    } else {
      err().println("aiohttp: left out, no Python 3.11 or newer that can import it");
    }
    Optional<Path> go = Programs.find("go", List.of("/usr/local/go/bin"));
    if (go.isPresent()) {
      clients.put("go", List.of(buildGo(go.get())));
    } else {
      err().println("go: left out, not on the PATH");
    }
    keepOnly(clients);
    return clients;
  }

  private void keepOnly(Map<String, List<String>> systems) {
    if (!only.isEmpty()) {
      systems.keySet().retainAll(only);
    }
  }

  private String buildGo(Path go) throws IOException, InterruptedException {
    Path program = home.resolve("target/http_worker").toAbsolutePath();
    Process process =
        new ProcessBuilder(
                go.toString(),
                "build",
                "-o",
                program.toString(),
                home.resolve("go/http_worker.go").toAbsolutePath().toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("go build failed: " + output.strip());
    }
    return program.toString();
  }

  private List<String> java(String mainClass, List<String> options, String... arguments) {
    return new Systems(home, List.of("-Xmx1g"))
        .java("http." + mainClass, withNativeAccess(options), arguments);
  }

  /** Netty's native libraries want it. */
  static List<String> withNativeAccess(List<String> options) {
    List<String> all = new ArrayList<>(options);
    all.add("--enable-native-access=ALL-UNNAMED");
    return all;
  }

  // ---- servers

  private void compareServers(Wrk wrk) throws IOException, InterruptedException {
    Map<String, List<String>> commands = new LinkedHashMap<>();
    commands.put(AIOLI, java("AioliServer", LOOP_SCHEDULED, Nginx.BODY));
    commands.put(NIO, java("AioliServer", LOOP_SCHEDULED_NIO, Nginx.BODY));
    commands.put("aioli-hand-over", java("AioliServer", HAND_OVER, Nginx.BODY));
    commands.put("vertx", java("VertxServer", List.of(), Nginx.BODY));
    keepOnly(commands);
    List<WorkerProcess> servers = new ArrayList<>();
    try {
      for (Map.Entry<String, List<String>> command : commands.entrySet()) {
        servers.add(new WorkerProcess(command.getKey(), command.getValue(), watchdog, LIMIT));
      }
      for (int width : inFlight) {
        for (WorkerProcess server : servers) {
          load(wrk, server.note() + "/", width, seconds * WARM_UP);
        }
        for (int round = 0; round < rounds; round++) {
          for (WorkerProcess server : servers) {
            Duration before = server.cpu();
            Reading reading = load(wrk, server.note() + "/", width, seconds);
            if (reading != null) {
              results.add(
                  "server@" + width,
                  server.name(),
                  "",
                  reading.withCpu(server.cpu().minus(before)));
            }
          }
        }
        err().println("measured servers, " + width + " connections");
      }
    } finally {
      servers.forEach(WorkerProcess::close);
    }
  }
}
