package dev.aioli.cli;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what is wrong with a command line, in the words that all errors of {@code aioli} use. */
final class UsageErrors {
  /** How picocli says that a value is none of an enum. */
  private static final Pattern OF_A_LIST =
      Pattern.compile("^(expected one of \\[.*]) \\(case-sensitive\\) but was (?=')");

  private UsageErrors() {}

  /** What was expected, and what was found. */
  static String describe(ParameterException e) {
    return switch (e) {
      case UnmatchedArgumentException unmatched -> unmatched(unmatched);
      case OverwrittenOptionException repeated -> repeated(repeated.getOverwritten());
      case MissingParameterException missing when missing.getMissing().size() == 1 ->
          missing(missing.getMissing().getFirst());
      default -> value(e);
    };
  }

  private static String missing(ArgSpec argument) {
    String expected = "expected " + argument.paramLabel() + ", found nothing";
    return argument.isOption() ? name(argument) + ": " + expected : expected;
  }

  /**
   * Checks that each option with one value has been given at most once. To picocli an option that
   * comes again is the first of another group of options, which resets all of the group.
   */
  static void checkGivenOnce(CommandLine command) {
    for (OptionSpec option : command.getCommandSpec().options()) {
      if (!option.typeInfo().isMultiValue() && option.stringValues().size() > 1) {
        throw new OverwrittenOptionException(command, option, option.longestName());
      }
    }
  }

  private static String repeated(ArgSpec option) {
    List<String> values = option.stringValues();
    return name(option)
        + ": expected once, found "
        + (option.typeInfo().isBoolean() || values.size() < 2
            ? "more than once"
            : values.stream().map(value -> "'" + value + "'").collect(Collectors.joining(" and ")));
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
      return name(argument)
          + ": "
          + OF_A_LIST.matcher(message.substring(own)).replaceFirst("$1, found ");
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
