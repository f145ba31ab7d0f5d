package dev.aioli.sync;

import org.jspecify.annotations.Nullable;

/** A permit that was taken once, and so goes back once. */
final class HeldPermit implements Permit {
  /** Null when it has gone back. */
  private @Nullable Runnable release;

  HeldPermit(Runnable release) {
    this.release = release;
  }

  @Override
  public void close() {
    Runnable held = release;
    if (held != null) {
      held.run(); // which may refuse the thread: then it is still held
      release = null;
    }
  }

  @Override
  public String toString() {
    return release == null ? "Permit[closed]" : "Permit[held]";
  }
}
