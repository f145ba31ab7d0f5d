package dev.aioli.cli;

import dev.aioli.http.url.RedactedUrl;
import java.io.PrintWriter;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The {@code aioli} command. */
@Command(
    name = "aioli",
    header = {
      "Aioli: Python's asyncio for the JVM, and what it is good for.",
      "",
      "  @|bold aioli fetch --limit 6 'httpbin:/get?a={0..11}'|@   12 URLs, at most 6 at a time",
      "  @|bold aioli httpbin --port 8080|@                        a server, until Ctrl-C",
      "  @|bold aioli fetch --help|@                               all about a command",
      "",
    },
    customSynopsis = "@|bold aioli|@ COMMAND [OPTIONS]",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%n",
    versionProvider = VersionCommand.class,
    subcommands = {
      FetchCommand.class,
      HttpbinCommand.class,
      ExampleCommand.class,
      CompletionCommand.class,
      VersionCommand.class
    })
public final class Main {
  private static final int HELP_WIDTH = 100;
  private static final String LEAK_DETECTION = "io.netty.leakDetection.level";
  private static final String OLD_LEAK_DETECTION = "io.netty.leakDetectionLevel";

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text.")
  private boolean unusedHelp; // picocli acts on it

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "As @|bold aioli version|@.")
  private boolean unusedVersion; // picocli acts on it

  private Main() {}

  /** Runs the command and exits. */
  public static void main(String[] args) {
    JulToSystemLogger.install();
    if (System.getProperty(LEAK_DETECTION) == null
        && System.getProperty(OLD_LEAK_DETECTION) == null) {
      System.setProperty(LEAK_DETECTION, "disabled"); // it samples buffers; the tests look at all
    }
    int exitCode = commandLine().execute(args);
    System.out.flush();
    System.exit(exitCode);
  }

  /** The command line with all its commands. */
  static CommandLine commandLine() {
    CommandLine aioli = new CommandLine(new Main());
    // What follows the name of an example is for the example, options too.
    Objects.requireNonNull(aioli.getSubcommands().get("example")).setStopAtPositional(true);
    return aioli
        .setUsageHelpWidth(HELP_WIDTH)
        .setExpandAtFiles(false)
        .setParameterExceptionHandler((e, args) -> wrongUsage(e))
        .setExecutionExceptionHandler((e, command, parsed) -> bug(e));
  }

  private static int wrongUsage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    if (command.getParent() == null && command.getParseResult().originalArgs().isEmpty()) {
      command.usage(err);
      return ExitCodes.USAGE;
    }
    err.println("aioli: " + RedactedUrl.in(UsageErrors.describe(e)));
    CommandLine.Help usage = command.getHelp();
    err.print(usage.synopsisHeading() + usage.synopsis(usage.synopsisHeadingLength()));
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    err.flush();
    return ExitCodes.USAGE;
  }

  private static int bug(Exception e) {
    System.getLogger("dev.aioli.cli").log(System.Logger.Level.ERROR, "a bug in aioli", e);
    return ExitCodes.BUG;
  }
}
