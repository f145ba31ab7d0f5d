package dev.aioli.conformance;

/** An instruction that cannot be carried out, because of an unbound name for instance. */
final class Skip extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  Skip(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  /** A name is not bound (yet), or to an object of the wrong kind. */
  static Skip unbound() {
    return new Skip("unbound");
  }

  String reason() {
    return reason;
  }
}
