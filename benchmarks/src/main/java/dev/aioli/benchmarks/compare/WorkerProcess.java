package dev.aioli.benchmarks.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The other side of {@link dev.aioli.benchmarks.worker.Worker}: starts the process, asks, reads the
 * answers. One that does not answer in time is killed.
 */
public final class WorkerProcess implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final Writer requests;
  private final ScheduledExecutorService watchdog;
  private final Duration limit;
  private final String note;

  /**
   * Starts a worker and waits until it is ready.
   *
   * @param limit how long an answer may take
   * @throws IOException if it does not start
   */
  public WorkerProcess(
      String name, List<String> command, ScheduledExecutorService watchdog, Duration limit)
      throws IOException {
    this.name = name;
    this.watchdog = watchdog;
    this.limit = limit;
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    requests = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    note = read("start").path("ready").asString("");
  }

  /** The system's name. */
  public String name() {
    return name;
  }

  /** Which version of what it is. */
  public String note() {
    return note;
  }

  /** How much processor time the process has used so far; zero where the system does not tell. */
  public Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /**
   * Sends a request and gives the answer.
   *
   * @throws IOException if the worker has ended, or does not answer in time
   */
  public JsonNode ask(String request) throws IOException {
    requests.write(request + "\n");
    requests.flush();
    return read(request);
  }

  private JsonNode read(String request) throws IOException {
    ScheduledFuture<?> kill =
        watchdog.schedule(() -> process.destroyForcibly(), limit.toMillis(), TimeUnit.MILLISECONDS);
    try {
      String line = answers.readLine();
      while (line != null && !line.startsWith("{")) { // the JVM has something to say, for one
        System.err.println(line);
        line = answers.readLine();
      }
      if (line == null) {
        String reason =
            kill.isDone() ? "gave no answer for " + limit.toSeconds() + " s" : "has ended";
        throw new IOException("the worker of " + name + " " + reason + " (" + request + ")");
      }
      return JSON.readTree(line);
    } catch (JacksonException e) {
      throw new IOException("the worker of " + name + " answered no JSON to " + request, e);
    } finally {
      kill.cancel(false);
    }
  }

  /** Ends the process. */
  @Override
  public void close() {
    try {
      requests.close();
    } catch (IOException e) {
      // it has ended already
    }
    try {
      if (!process.waitFor(FAREWELL.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      answers.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
