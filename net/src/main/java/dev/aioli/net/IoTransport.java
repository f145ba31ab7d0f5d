package dev.aioli.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueDatagramChannel;
import io.netty.channel.kqueue.KQueueDomainSocketChannel;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.internal.PlatformDependent;
import java.io.File;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which of the system's interfaces a loop waits on. The best one whose library is there is chosen,
 * and told at DEBUG by the logger {@code dev.aioli.net}; {@code
 * -Ddev.aioli.net.transport=epoll|kqueue|nio} forces one.
 */
public enum IoTransport {
  /** Linux. */
  EPOLL(
      EpollSocketChannel.class,
      EpollServerSocketChannel.class,
      EpollDatagramChannel.class,
      EpollDomainSocketChannel.class,
      EpollServerDomainSocketChannel.class),
  /** macOS and BSD. */
  KQUEUE(
      KQueueSocketChannel.class,
      KQueueServerSocketChannel.class,
      KQueueDatagramChannel.class,
      KQueueDomainSocketChannel.class,
      KQueueServerDomainSocketChannel.class),
  /** Every system, by the JDK's selectors. Waits are rounded up to a millisecond. */
  NIO(
      NioSocketChannel.class,
      NioServerSocketChannel.class,
      NioDatagramChannel.class,
      NioDomainSocketChannel.class,
      NioUnixServerChannel.class);

  private static final String PROPERTY = "dev.aioli.net.transport";

  private final Class<? extends SocketChannel> socketType;
  private final Class<? extends ServerSocketChannel> serverSocketType;
  private final Class<? extends DatagramChannel> datagramType;
  private final Class<? extends DuplexChannel> unixSocketType;
  private final Class<? extends ServerChannel> serverUnixSocketType;

  IoTransport(
      Class<? extends SocketChannel> socketType,
      Class<? extends ServerSocketChannel> serverSocketType,
      Class<? extends DatagramChannel> datagramType,
      Class<? extends DuplexChannel> unixSocketType,
      Class<? extends ServerChannel> serverUnixSocketType) {
    this.socketType = socketType;
    this.serverSocketType = serverSocketType;
    this.datagramType = datagramType;
    this.unixSocketType = unixSocketType;
    this.serverUnixSocketType = serverUnixSocketType;
  }

  /**
   * The transport for a loop.
   *
   * <p>A loop on a virtual thread gets NIO: the JDK's selectors let such a thread wait without its
   * carrier. A native wait would hold the carrier, and two idle loops on two processors would keep
   * every other virtual thread of the JVM from running.
   *
   * @throws IllegalStateException if one is forced that is unknown or cannot run here
   */
  static IoTransport choose(boolean loopIsVirtual) {
    return choose(System.getProperty(PROPERTY), loopIsVirtual);
  }

  static IoTransport choose(@Nullable String forced, boolean loopIsVirtual) {
    if (forced != null && !forced.isBlank()) {
      IoTransport transport = parse(forced);
      Throwable missing = transport.unavailable();
      if (missing != null) {
        throw new IllegalStateException(
            "-D" + PROPERTY + "=" + forced + " cannot run here: " + missing.getMessage(), missing);
      }
      return transport;
    }
    if (loopIsVirtual) {
      return NIO;
    }
    return Arrays.stream(values())
        .filter(transport -> transport.isProvided() && transport.unavailable() == null)
        .findFirst()
        .orElse(NIO);
  }

  /** Why it is this one that a loop got, for who wonders. */
  String reason(boolean loopIsVirtual) {
    if (this != NIO) {
      return "waits for sockets by " + this;
    }
    if (loopIsVirtual) {
      return "waits for sockets by nio, since the loop is on a virtual thread";
    }
    return "waits for sockets by nio; Netty's library for this system would do it by epoll or"
        + " kqueue: add io.netty:netty-transport-native-epoll with the classifier linux-x86_64 or"
        + " linux-aarch_64, or netty-transport-native-kqueue with osx-x86_64 or osx-aarch_64";
  }

  private static IoTransport parse(String word) {
    for (IoTransport transport : values()) {
      if (transport.toString().equals(word)) {
        return transport;
      }
    }
    String known =
        Arrays.stream(values()).map(IoTransport::toString).collect(Collectors.joining(", "));
    throw new IllegalStateException(
        "-D" + PROPERTY + " expected one of " + known + ", found '" + word + "'");
  }

  /**
   * Whether the program has Netty's library for it. Netty is asked only then: its mere attempt to
   * load one makes the JDK warn of native access.
   */
  private boolean isProvided() {
    return switch (this) {
      case EPOLL -> hasLibrary("epoll", ".so");
      case KQUEUE -> hasLibrary("kqueue", ".jnilib");
      case NIO -> true;
    };
  }

  private static boolean hasLibrary(String poller, String suffix) {
    String name = "netty_transport_native_" + poller + "_" + PlatformDependent.normalizedArch();
    String resource = "META-INF/native/lib" + name + suffix; // in Netty's jar
    String[] folders = System.getProperty("java.library.path", "").split(File.pathSeparator);
    return Channel.class.getClassLoader().getResource(resource) != null
        || Arrays.stream(folders)
            .anyMatch(folder -> new File(folder, System.mapLibraryName(name)).exists());
  }

  /** Why it cannot run here; null if it can. */
  @Nullable Throwable unavailable() {
    return switch (this) {
      case EPOLL -> Epoll.unavailabilityCause();
      case KQUEUE -> KQueue.unavailabilityCause();
      case NIO -> null;
    };
  }

  IoHandlerFactory newHandlerFactory() {
    return switch (this) {
      case EPOLL -> EpollIoHandler.newFactory();
      case KQUEUE -> KQueueIoHandler.newFactory();
      case NIO -> NioIoHandler.newFactory();
    };
  }

  /** The channel type of a TCP connection. */
  Class<? extends SocketChannel> socketType() {
    return socketType;
  }

  /** The channel type of a listening TCP socket. */
  Class<? extends ServerSocketChannel> serverSocketType() {
    return serverSocketType;
  }

  /** The channel type of UDP. */
  Class<? extends DatagramChannel> datagramType() {
    return datagramType;
  }

  /** The channel type of a connection by a unix-domain socket. */
  Class<? extends DuplexChannel> unixSocketType() {
    return unixSocketType;
  }

  /** The channel type of a listening unix-domain socket. */
  Class<? extends ServerChannel> serverUnixSocketType() {
    return serverUnixSocketType;
  }

  /** The address of a unix-domain socket, as its channels take it. */
  SocketAddress unixAddress(Path path) {
    return this == NIO
        ? UnixDomainSocketAddress.of(path)
        : new DomainSocketAddress(path.toString());
  }

  /** The option by which several sockets listen on one port. */
  ChannelOption<Boolean> reusePort() {
    return this == NIO
        ? NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT)
        : UnixChannelOption.SO_REUSEPORT;
  }

  /** How finely it can wait, in nanoseconds. */
  long resolutionNanos() {
    return this == NIO ? 1_000_000 : 1;
  }

  /** The word that the property takes. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
