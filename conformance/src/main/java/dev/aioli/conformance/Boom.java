package dev.aioli.conformance;

/** The scenarios' own error: Boom(n). */
final class Boom extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long number;

  Boom(long number) {
    super("Boom(" + number + ")", null, true, false);
    this.number = number;
  }

  long number() {
    return number;
  }
}
