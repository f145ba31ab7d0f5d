package dev.aioli.benchmarks.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds what this machine can run. */
public final class Systems {
  private static final String OPEN = "--add-opens=java.base/java.lang=ALL-UNNAMED";
  private static final String EXPORT = "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED";

  private final Path home;
  private final List<String> jvmOptions;
  private final String classPath;

  /**
   * Looks for the systems.
   *
   * @param home the folder benchmarks/
   * @param jvmOptions for every worker that is a JVM
   */
  public Systems(Path home, List<String> jvmOptions) {
    this(home, jvmOptions, System.getProperty("java.class.path"));
  }

  /** As above, with the workers of another class path. */
  Systems(Path home, List<String> jvmOptions, String classPath) {
    this.home = home;
    this.jvmOptions = List.copyOf(jvmOptions);
    this.classPath = classPath;
  }

  /** All systems, those that are missing, too. */
  List<Subject> all() {
    List<Subject> all = new ArrayList<>();
    all.add(
        jvm(
            Column.AIOLI,
            Column.AIOLI,
            "aioli.AioliWorker",
            List.of(OPEN, "-Ddev.aioli.engine=loop-scheduled")));
    all.add(
        jvm(
            Column.HAND_OVER,
            Column.HAND_OVER,
            "aioli.AioliWorker",
            List.of("-Ddev.aioli.engine=hand-over")));
    all.add(
        jvm(
            Column.AIOLI_BARE,
            Column.AIOLI_BARE,
            "aioli.AioliWorker",
            List.of(OPEN, EXPORT, "-Ddev.aioli.engine=bare")));
    all.add(jvm(Column.THREADS, Column.THREADS, "threads.ThreadsWorker", List.of()));
    for (String dispatcher : List.of("run-blocking", "default")) {
      all.add(
          jvm(
              Column.KOTLIN + "-" + dispatcher,
              Column.KOTLIN,
              "kotlin.KotlinWorkerKt",
              List.of(),
              dispatcher));
    }
    all.add(jox());
    all.add(python(Column.CPYTHON, Pythons.cpython313()));
    all.add(python(Column.UVLOOP, Pythons.withModule("uvloop"), "--uvloop"));
    all.add(jvm(Column.LIMIT, Column.LIMIT, "limit.LimitWorker", List.of(OPEN)));
    return all;
  }

  /** Its scopes stand on a preview of the JDK 25, and work nowhere else. */
  private Subject jox() {
    if (Runtime.version().feature() != 25) {
      return Subject.absent(Column.JOX, Column.JOX, "needs a JDK 25, found " + Runtime.version());
    }
    return jvm(Column.JOX, Column.JOX, "jox.JoxWorkerKt", List.of("--enable-preview"));
  }

  private Subject jvm(
      String name, String column, String mainClass, List<String> options, String... arguments) {
    return Subject.jvm(name, column, java(mainClass, options, arguments));
  }

  /** What runs a class of the benchmarks in a JVM like this one. */
  public List<String> java(String mainClass, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, "dev.aioli.benchmarks." + mainClass));
    command.addAll(List.of(arguments));
    return command;
  }

  private Subject python(String column, Optional<String> python, String... arguments) {
    if (python.isEmpty()) {
      String wanted =
          column.equals(Column.CPYTHON) ? "python3.13" : "a Python that can import " + column;
      return Subject.absent(
          column, column, "needs " + wanted + " on the PATH, in ~/.pyenv/versions or /usr/bin");
    }
    List<String> command = new ArrayList<>();
    command.addAll(List.of(python.get(), home.resolve("python/worker.py").toString()));
    command.addAll(List.of(arguments));
    return Subject.python(column, command);
  }
}
