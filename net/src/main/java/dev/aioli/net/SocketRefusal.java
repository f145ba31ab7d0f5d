package dev.aioli.net;

import io.netty.channel.ChannelException;
import java.io.IOException;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/** Tells why the system has not given us a socket. */
final class SocketRefusal {
  private SocketRefusal() {}

  /** Whether a cause is that a socket could not even be made, as against connected or bound. */
  static boolean is(@Nullable Throwable cause) {
    return cause instanceof ChannelException;
  }

  /** The error for a program: Netty has wrapped the system's word several times. */
  static IOException of(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String said = root.getMessage() == null ? root.toString() : root.getMessage();
    SocketException failure = new SocketException("cannot open a socket: " + said + wayOut(said));
    failure.initCause(cause);
    return failure;
  }

  private static String wayOut(String said) {
    if (said.contains("open files in system")) {
      return "; some program must close files, or the system's limit be raised";
    }
    return said.contains("open files")
        ? "; have fewer open at a time, or raise the limit (ulimit -n)"
        : "";
  }
}
