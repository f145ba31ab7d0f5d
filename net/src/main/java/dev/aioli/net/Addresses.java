package dev.aioli.net;

import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import org.jspecify.annotations.Nullable;

/** Addresses of Netty's as those of the JDK. */
final class Addresses {
  private Addresses() {}

  static @Nullable SocketAddress ofJdk(@Nullable SocketAddress address) {
    return switch (address) {
      case SocketFile.Native own -> UnixDomainSocketAddress.of(own.file());
      case DomainSocketAddress unix -> UnixDomainSocketAddress.of(unix.path());
      case null, default -> address;
    };
  }
}
