package dev.aioli.process;

import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link ProcessPoolExecutor}. Not for several threads at once. */
public final class ProcessPoolBuilder {
  private int size = Runtime.getRuntime().availableProcessors();
  private int maxJobsPerWorker;
  private @Nullable Duration idleTimeout = Duration.ofMinutes(1);
  private Duration startTimeout = Duration.ofMinutes(1);
  private Job.@Nullable Action initializer;
  private final List<String> jvmOptions = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();
  private @Nullable OutputStream standardOutput;
  private @Nullable OutputStream standardError;
  private boolean finishCancelledJobs;

  ProcessPoolBuilder() {}

  /** The most workers at a time, at least 1. Default: the number of processors. */
  public ProcessPoolBuilder size(int workers) {
    size = atLeastOne(workers, "size");
    return this;
  }

  /**
   * After how many jobs a worker ends and makes room for a fresh one, at least 1: a remedy for code
   * that leaks. Default: never.
   */
  public ProcessPoolBuilder maxJobsPerWorker(int jobs) {
    maxJobsPerWorker = atLeastOne(jobs, "maxJobsPerWorker");
    return this;
  }

  /** After what time without a job a worker ends; null for never. Default: one minute. */
  public ProcessPoolBuilder idleTimeout(@Nullable Duration timeout) {
    idleTimeout = timeout == null ? null : positive(timeout, "idleTimeout");
    return this;
  }

  /**
   * How long a worker may take to start, its initializer included, before it is killed and counts
   * as failed. Default: one minute.
   */
  public ProcessPoolBuilder startTimeout(Duration timeout) {
    startTimeout = positive(timeout, "startTimeout");
    return this;
  }

  /** What every worker runs before its first job. A worker whose initializer throws is dropped. */
  public ProcessPoolBuilder initializer(Job.Action action) {
    initializer = Objects.requireNonNull(action, "action");
    return this;
  }

  /**
   * Options for the JVM of the workers, such as {@code -Xmx256m}. They come after, and so win over,
   * what a worker gets by itself:
   *
   * <ul>
   *   <li>the class path and module path of this JVM; its {@code -D}, {@code -ea}, {@code
   *       --add-...}, {@code --enable-...} and other options that code may depend on, but not its
   *       heap, collector, agents or debugger;
   *   <li>{@code -XX:+ExitOnOutOfMemoryError}, since a JVM that has run out of memory cannot be
   *       trusted with the next job;
   *   <li>{@code -XX:+UseSerialGC}, unless the options name a collector.
   * </ul>
   */
  public ProcessPoolBuilder jvmOptions(String... options) {
    jvmOptions.addAll(List.of(options));
    return this;
  }

  /** Sets an environment variable for the workers, which otherwise have those of this process. */
  public ProcessPoolBuilder environment(String name, String value) {
    environment.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return this;
  }

  /**
   * Where the workers' standard output goes, in whole lines, several workers at a time. Default:
   * this process's {@link System#out}. Is not closed; if it throws, output is dropped.
   */
  public ProcessPoolBuilder standardOutput(OutputStream out) {
    standardOutput = Objects.requireNonNull(out, "out");
    return this;
  }

  /** As {@link #standardOutput}, for standard error. Default: {@link System#err}. */
  public ProcessPoolBuilder standardError(OutputStream err) {
    standardError = Objects.requireNonNull(err, "err");
    return this;
  }

  /**
   * Whether a job that runs when it is cancelled may run to its end, unseen, and keeps its worker.
   * Default: no, the worker is killed.
   */
  public ProcessPoolBuilder finishCancelledJobs(boolean finish) {
    finishCancelledJobs = finish;
    return this;
  }

  /**
   * The pool. Starts no process yet.
   *
   * @throws JobSerializationException if the initializer cannot be serialized
   */
  public ProcessPoolExecutor build() {
    return build(Host.SYSTEM);
  }

  ProcessPoolExecutor build(Host host) {
    Job.Action first = initializer;
    return new ProcessPoolExecutor(
        new Settings(
            size,
            maxJobsPerWorker,
            idleTimeout,
            startTimeout,
            first == null ? Payload.EMPTY : Payload.of(first, "the initializer"),
            List.copyOf(jvmOptions),
            Map.copyOf(environment),
            standardOutput,
            standardError,
            finishCancelledJobs),
        host);
  }

  private static int atLeastOne(int value, String name) {
    if (value < 1) {
      throw new IllegalArgumentException("expected " + name + " >= 1, was " + value);
    }
    return value;
  }

  private static Duration positive(Duration value, String name) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException("expected " + name + " > 0, was " + value);
    }
    return value;
  }
}
