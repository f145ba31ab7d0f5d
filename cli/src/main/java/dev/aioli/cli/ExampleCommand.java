package dev.aioli.cli;

import dev.aioli.examples.Example;
import dev.aioli.examples.Examples;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code aioli example}: lists the programs of module examples, or runs one. */
@Command(
    name = "example",
    header = "List the example programs, or run one.",
    customSynopsis = {"@|bold aioli example|@", "       @|bold aioli example|@ NAME [ARGUMENT...]"},
    parameterListHeading = "%n",
    optionListHeading = "%n")
final class ExampleCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NAME",
      hideParamSyntax = true,
      description = "The program to run. Without, all are listed.")
  private @Nullable String name;

  @Parameters(
      index = "1..*",
      paramLabel = "ARGUMENT",
      description = "Passed on to the program: @|bold executor|@ takes --pool thread|process.")
  private List<String> arguments = List.of();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text.")
  private boolean unusedHelp; // picocli acts on it

  @Override
  public Integer call() throws Exception {
    if (name == null) {
      list();
    } else {
      run(find(name));
    }
    return ExitCodes.OK;
  }

  private void run(Example example) throws Exception {
    try {
      example.run(arguments.toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec().commandLine(), example.name() + ": " + e.getMessage());
    }
  }

  private void list() {
    int width = Examples.all().stream().mapToInt(e -> e.name().length()).max().orElse(0);
    PrintWriter out = spec().commandLine().getOut();
    for (Example example : Examples.all()) {
      out.println(
          example.name() + " ".repeat(width + 2 - example.name().length()) + example.summary());
    }
  }

  private Example find(String wanted) {
    return Examples.find(wanted)
        .orElseThrow(() ->
            new ParameterException(
                spec().commandLine(),
                "no example '"
                    + wanted
                    + "'; there are "
                    + String.join(", ", Examples.all().stream().map(Example::name).toList())));
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("expected to be run by picocli");
    }
    return spec;
  }
}
