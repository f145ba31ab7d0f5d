package dev.aioli.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the values of options; what lines of input say, too, is read by {@link RequestChecks}. What
 * makes no sense is refused with what was expected and what was found.
 */
final class Converters {
  private static final Pattern SIZE = Pattern.compile("(\\d+)([KMG]?)(?:i?B)?");

  private Converters() {}

  private static TypeConversionException expected(String what, String found) {
    return new TypeConversionException("expected " + what + ", found '" + found + "'");
  }

  /** What a check that knows nothing of options says, in the terms of picocli. */
  private static <T> T checked(Function<String, T> check, String text) {
    try {
      return check.apply(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  private static int integer(String text, int least) {
    try {
      int value = Integer.parseInt(text);
      if (value >= least) {
        return value;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw expected("an integer >= " + least, text);
  }

  /** An integer from 1. */
  static final class Positive implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return integer(text, 1);
    }
  }

  /** An integer from 0. */
  static final class NotNegative implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return integer(text, 0);
    }
  }

  /** Any whole number of 64 bits. */
  static final class Whole implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      try {
        return Long.valueOf(text);
      } catch (NumberFormatException e) {
        throw expected("a whole number", text);
      }
    }
  }

  /** A time in seconds, more than 0. */
  static final class Seconds implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        double seconds = Double.parseDouble(text);
        if (seconds >= 1e-9 && seconds <= Integer.MAX_VALUE) {
          return Duration.ofNanos((long) (seconds * 1e9));
        }
      } catch (NumberFormatException e) {
        // said below
      }
      throw expected("seconds > 0, such as 0.5", text);
    }
  }

  /** A number of bytes. */
  static final class Size implements ITypeConverter<Long> {
    private static final Map<String, Integer> SHIFTS = Map.of("", 0, "K", 10, "M", 20, "G", 30);

    @Override
    public Long convert(String text) {
      Matcher size = SIZE.matcher(text.toUpperCase(Locale.ROOT).replace("IB", "B"));
      if (size.matches() && size.group(1).length() <= 9) {
        return Long.parseLong(size.group(1)) << SHIFTS.getOrDefault(size.group(2), 0);
      }
      throw expected("a number of bytes, such as 1000, 64K or 10M", text);
    }
  }

  /** A number of requests in a second, minute or hour. */
  static final class RateOf implements ITypeConverter<Rate> {
    @Override
    public Rate convert(String text) {
      return checked(Rate::parse, text);
    }
  }

  /** The name of a method; lower case is forgiven. */
  static final class Method implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      return checked(RequestChecks::method, text);
    }
  }

  /** A header field, {@code Name: value}. */
  static final class Field implements ITypeConverter<HeaderField> {
    @Override
    public HeaderField convert(String text) {
      return checked(RequestChecks::field, text);
    }
  }

  /** The name of a file; one that the system cannot have is refused. */
  static final class FileName implements ITypeConverter<Path> {
    @Override
    public Path convert(String text) {
      try {
        if (!text.isEmpty()) {
          return Path.of(text);
        }
      } catch (InvalidPathException e) {
        // said below
      }
      throw expected("the name of a file or folder", text);
    }
  }
}
