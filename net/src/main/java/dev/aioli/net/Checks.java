package dev.aioli.net;

import java.time.Duration;

/** Checks of arguments that several options share. */
final class Checks {
  private Checks() {}

  static void positive(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException("expected " + name + " > 0, found " + value);
    }
  }

  static void positive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException("expected " + name + " > 0, found " + value);
    }
  }

  /** A port, where 0 may stand for any. */
  static int port(int port) {
    if (port < 0 || port > 0xFFFF) {
      throw new IllegalArgumentException("expected a port from 0 to 65535, found " + port);
    }
    return port;
  }
}
