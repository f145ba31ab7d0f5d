package dev.aioli.conformance;

/** Unwinds everything that still runs once the trace is closed. No scenario catches it. */
final class Halt extends Error {
  private static final long serialVersionUID = 1L;

  Halt() {
    super("the trace is closed", null, false, false);
  }
}
