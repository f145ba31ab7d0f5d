package dev.aioli.conformance;

import dev.aioli.Engine;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What a run of the tests is about: the engine, by the property that the build sets. */
final class TestedEngine {
  static final Engine ENGINE =
      Arrays.stream(Engine.values())
          .filter(engine -> engine.toString().equals(System.getProperty("dev.aioli.engine")))
          .findFirst()
          .orElse(Engine.HAND_OVER);

  /** The folder of this module. */
  static final Path HOME = Path.of("").toAbsolutePath();

  private TestedEngine() {}

  /** The command of the Java runner as it has been built, with ticks. */
  static List<String> runner() {
    String classPath =
        String.join(
            System.getProperty("path.separator"),
            HOME.resolve("../core/target/classes").toString(),
            HOME.resolve("target/classes").toString(),
            HOME.resolve("target/lib/*").toString());
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-opens",
        "java.base/java.lang=ALL-UNNAMED",
        "--add-exports",
        "java.base/jdk.internal.vm=ALL-UNNAMED",
        "-cp",
        classPath,
        "dev.aioli.conformance.RunnerMain",
        "--engine",
        ENGINE.toString(),
        "--ticks");
  }
}
