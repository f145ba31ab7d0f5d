package dev.aioli.cli;

import dev.aioli.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code aioli version}: what a bug report needs. */
@Command(
    name = "version",
    header = "Show the version of aioli, its engine, Java and the system.",
    customSynopsis = "@|bold aioli version|@",
    optionListHeading = "%n")
final class VersionCommand implements Callable<Integer>, IVersionProvider {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text.")
  private boolean unusedHelp; // picocli acts on it

  @Override
  public Integer call() {
    if (spec == null) {
      throw new IllegalStateException("expected to be run by picocli");
    }
    for (String line : getVersion()) {
      spec.commandLine().getOut().println(line);
    }
    return ExitCodes.OK;
  }

  @Override
  public String[] getVersion() {
    Runtime jvm = Runtime.getRuntime();
    String engine = engine(); // which looks at the JDK, too
    String warning = StderrLogger.aboutTheJdk();
    List<String> lines = new ArrayList<>();
    lines.add("aioli   " + version());
    lines.add("engine  " + engine);
    lines.add(
        "java    %s (%s)"
            .formatted(Runtime.version(), property("java.vendor.version", "java.vendor")));
    lines.add(
        "system  %s %s, %s, %d processors, heap up to %d MiB"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch"),
                jvm.availableProcessors(),
                jvm.maxMemory() >> 20));
    if (warning != null) {
      lines.add("warning " + warning);
    }
    return lines.toArray(String[]::new);
  }

  /** Aioli's version, as the build wrote it down. */
  static String version() {
    Properties properties = new Properties();
    try (InputStream in = VersionCommand.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "unknown");
  }

  private static String engine() {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      return loop.engine().toString();
    }
  }

  private static String property(String name, String otherwise) {
    String value = System.getProperty(name, "");
    return value.isEmpty() ? System.getProperty(otherwise, "?") : value;
  }
}
