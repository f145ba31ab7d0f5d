package dev.aioli.cli;

import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line, in the words that all errors of {@code aioli} use. */
final class UsageErrors {
  private UsageErrors() {}

  /** What was expected, and what was found. */
  static String describe(ParameterException e) {
    return switch (e) {
      case UnmatchedArgumentException unmatched -> unmatched(unmatched);
      case OverwrittenOptionException repeated ->
          name(repeated.getOverwritten()) + ": expected once, found twice";
      case MissingParameterException missing when missing.getMissing().size() == 1 ->
          name(missing.getMissing().getFirst())
              + ": expected "
              + missing.getMissing().getFirst().paramLabel()
              + ", found nothing";
      default -> value(e);
    };
  }

  private static String unmatched(UnmatchedArgumentException e) {
    CommandSpec command = e.getCommandLine().getCommandSpec();
    String first = e.getUnmatched().getFirst();
    if (e.isUnknownOption()) {
      return "expected an option of '%s', found '%s'".formatted(command.qualifiedName(), first)
          + didYouMean(first.replaceFirst("=.*", ""), command.optionsMap().keySet());
    }
    Set<String> commands = command.subcommands().keySet();
    String found =
        e.getUnmatched().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    return commands.isEmpty()
        ? "expected nothing more, found " + found
        : "expected a command (%s), found %s".formatted(String.join(", ", commands), found)
            + didYouMean(first, commands);
  }

  private static String didYouMean(String word, Set<String> names) {
    return Suggestion.of(word, names).map(name -> "; did you mean " + name + "?").orElse("");
  }

  /** Our converters say what they expected; picocli puts words of its own before that. */
  private static String value(ParameterException e) {
    ArgSpec argument = e.getArgSpec();
    String message = String.valueOf(e.getMessage());
    if (argument == null) {
      return message;
    }
    int own = message.indexOf("expected ");
    if (own >= 0) {
      return name(argument) + ": " + message.substring(own);
    }
    return name(argument) + ": " + lowerCase(message);
  }

  private static String lowerCase(String message) {
    return Character.toLowerCase(message.charAt(0)) + message.substring(1);
  }

  private static String name(@Nullable ArgSpec argument) {
    return switch (argument) {
      case null -> "argument";
      case OptionSpec option -> option.longestName();
      default -> argument.paramLabel();
    };
  }
}
