package dev.aioli.benchmarks.http;

import dev.aioli.benchmarks.compare.Table;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * What Aioli wants to reach in comparison with another system.
 *
 * @param what is compared
 * @param rows the prefix of the rows
 * @param system whose number is divided
 * @param other by whose number
 * @param limit the bound on the quotient
 * @param atLeast whether it is a lower bound
 */
record HttpTarget(
    String what,
    ToDoubleFunction<Reading> number,
    String rows,
    String system,
    String other,
    double limit,
    boolean atLeast) {
  private static final String RATE = "requests/s";
  private static final String CLIENTS = "client@";

  static final List<HttpTarget> ALL =
      List.of(
          rate(CLIENTS, HttpCommand.AIOLI, "aiohttp", 10),
          rate(CLIENTS, HttpCommand.AIOLI, "jdk", 2.5),
          rate(CLIENTS, HttpCommand.AIOLI, "vertx", 1.2),
          rate(CLIENTS, HttpCommand.AIOLI, "go", 1.2),
          cpu(CLIENTS, HttpCommand.WRK, 3.5),
          rate("fetch@", HttpCommand.FETCH, HttpCommand.AIOLI, 0.7),
          rate("client@512", HttpCommand.HTTP2, HttpCommand.AIOLI, 1),
          rate("server@", HttpCommand.AIOLI, "vertx", 0.9),
          cpu("server@", "vertx", 1.1));

  private static HttpTarget rate(String rows, String system, String other, double times) {
    return new HttpTarget(RATE, Reading::perSecond, rows, system, other, times, true);
  }

  private static HttpTarget cpu(String rows, String other, double times) {
    return new HttpTarget("CPU", Reading::cpuSeconds, rows, HttpCommand.AIOLI, other, times, false);
  }

  /** The quotient in a row; empty if there is none. */
  OptionalDouble ratio(HttpResults results, String row) {
    Optional<Reading> dividend = results.median(row, system);
    Optional<Reading> divisor = results.median(row, other);
    return row.startsWith(rows) && dividend.isPresent() && divisor.isPresent()
        ? OptionalDouble.of(
            number.applyAsDouble(dividend.get()) / number.applyAsDouble(divisor.get()))
        : OptionalDouble.empty();
  }

  boolean reachedBy(double ratio) {
    return atLeast ? ratio >= limit : ratio <= limit;
  }

  @Override
  public String toString() {
    String bound = (atLeast ? " ≥" : " ≤") + Table.number(limit) + "x";
    return what + " of " + system + " vs " + other + bound;
  }
}
