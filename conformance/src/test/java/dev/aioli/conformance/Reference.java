package dev.aioli.conformance;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The reference runner at work on a stream of scenarios, which it answers while we run them.
 *
 * <pre>
 *   generator ──scenarios──▶ feeder ──▶ reference ──answers──▶ reader ──▶ nextAnswer()
 *                              └────────────────────────────────────────▶ nextScenario()
 * </pre>
 */
final class Reference implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 120;

  private final Process generator;
  private final Process runner;
  private final BlockingQueue<String> scenarios = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private volatile @Nullable IOException failure;

  /** Starts a generator of scenarios and a runner that answers them. */
  Reference(List<String> generatorCommand, List<String> runnerCommand) throws IOException {
    generator = start(generatorCommand);
    runner = start(runnerCommand);
    thread("feeder", this::feed);
    thread("reader", this::read);
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private void thread(String name, Runnable body) {
    Thread.ofPlatform().daemon().name(name).start(body);
  }

  private void feed() {
    try (BufferedReader from = generator.inputReader();
        BufferedWriter to = runner.outputWriter()) {
      for (String line = from.readLine(); line != null; line = from.readLine()) {
        to.write(line + "\n");
        scenarios.add(line);
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  private void read() {
    try (BufferedReader from = runner.inputReader()) {
      for (String line = from.readLine(); line != null; line = from.readLine()) {
        answers.add(line);
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  String nextScenario() throws InterruptedException {
    return next(scenarios, "scenario");
  }

  String nextAnswer() throws InterruptedException {
    return next(answers, "answer");
  }

  private String next(BlockingQueue<String> queue, String what) throws InterruptedException {
    String line = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (line == null) {
      IOException e = failure != null ? failure : new IOException("no " + what + " came");
      throw new UncheckedIOException("the reference has stopped", e);
    }
    return line;
  }

  @Override
  public void close() {
    generator.destroyForcibly();
    runner.destroyForcibly();
  }
}
