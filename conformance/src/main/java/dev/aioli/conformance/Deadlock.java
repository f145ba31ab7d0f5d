package dev.aioli.conformance;

/** Thrown out of the poller: nothing is ready and no timer is set. */
final class Deadlock extends Error {
  private static final long serialVersionUID = 1L;

  Deadlock() {
    super("nothing is ready and no timer is set", null, false, false);
  }
}
