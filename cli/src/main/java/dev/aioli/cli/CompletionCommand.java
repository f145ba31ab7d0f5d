package dev.aioli.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code aioli completion}: what a shell needs to complete our commands and options. */
@Command(
    name = "completion",
    header = {
      "Print a script with which a shell completes the command line.",
      "",
      "  @|bold source <(aioli completion bash)|@     in ~/.bashrc",
      "  @|bold source <(aioli completion zsh)|@      in ~/.zshrc",
      "",
    },
    customSynopsis = "@|bold aioli completion|@ bash|zsh",
    parameterListHeading = "%n",
    optionListHeading = "%n")
final class CompletionCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  /** The shells that are spoken: one script serves both. */
  enum Shell {
    bash,
    zsh
  }

  @Parameters(
      index = "0",
      paramLabel = "SHELL",
      hideParamSyntax = true,
      description = "Which shell: ${COMPLETION-CANDIDATES}.")
  private @Nullable Shell unusedShell; // picocli checks it, and its script asks who runs it

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
    CommandLine aioli = spec.root().commandLine();
    String script = AutoComplete.bash(spec.root().name(), aioli);
    PrintWriter out = spec.commandLine().getOut();
    out.print(head(VersionCommand.version()));
    out.print(
        script.substring(script.indexOf("\n\n") + 1)); // picocli's head tells how to install it
    out.flush();
    return ExitCodes.OK;
  }

  private static String head(String version) {
    return """
    # Completes the commands and options of aioli, in bash and zsh: load it at each start by
    #   source <(aioli completion bash)     in ~/.bashrc
    #   source <(aioli completion zsh)      in ~/.zshrc
    # For all users of bash: aioli completion bash >/usr/share/bash-completion/completions/aioli
    # Made by aioli %s with picocli %s.
    """
        .formatted(version, CommandLine.VERSION);
  }
}
