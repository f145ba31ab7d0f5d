package dev.aioli.net;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * How to open a {@link DatagramEndpoint}.
 *
 * @param localAddr the address to receive at; null for one that the system chooses
 * @param remoteAddr the only peer; null for all
 * @param receiveLimit how many datagrams may wait to be received. Above it the endpoint stops to
 *     read, and the system drops what comes when its own buffer is full. Default 1024
 * @param maxDatagramSize the longest datagram that is received whole, in bytes; of a longer one the
 *     rest is cut off. Default 65,535: all that there are
 * @param reusePort whether several sockets may be bound to one port
 * @param allowBroadcast whether datagrams may go to broadcast addresses
 */
public record DatagramOptions(
    @Nullable InetSocketAddress localAddr,
    @Nullable InetSocketAddress remoteAddr,
    int receiveLimit,
    int maxDatagramSize,
    boolean reusePort,
    boolean allowBroadcast) {

  /** What holds unless said otherwise. */
  public static final DatagramOptions DEFAULT =
      new DatagramOptions(null, null, 1024, 0xFFFF, false, false);

  /** Checks the ranges. */
  public DatagramOptions {
    Checks.positive("receiveLimit", receiveLimit);
    Checks.positive("maxDatagramSize", maxDatagramSize);
  }

  /** The same at a local address; its port may be 0. */
  public DatagramOptions withLocalAddr(InetSocketAddress newLocalAddr) {
    return new DatagramOptions(
        newLocalAddr, remoteAddr, receiveLimit, maxDatagramSize, reusePort, allowBroadcast);
  }

  /** The same, connected to one peer. */
  public DatagramOptions withRemoteAddr(InetSocketAddress newRemoteAddr) {
    return new DatagramOptions(
        localAddr, newRemoteAddr, receiveLimit, maxDatagramSize, reusePort, allowBroadcast);
  }

  /** The same with another number of datagrams that may wait. */
  public DatagramOptions withReceiveLimit(int newReceiveLimit) {
    return new DatagramOptions(
        localAddr, remoteAddr, newReceiveLimit, maxDatagramSize, reusePort, allowBroadcast);
  }

  /** The same with another size of the longest datagram, in bytes. */
  public DatagramOptions withMaxDatagramSize(int newMaxDatagramSize) {
    return new DatagramOptions(
        localAddr, remoteAddr, receiveLimit, newMaxDatagramSize, reusePort, allowBroadcast);
  }

  /** The same, sharing the port or not. */
  public DatagramOptions withReusePort(boolean newReusePort) {
    return new DatagramOptions(
        localAddr, remoteAddr, receiveLimit, maxDatagramSize, newReusePort, allowBroadcast);
  }

  /** The same, with broadcasts or without. */
  public DatagramOptions withAllowBroadcast(boolean newAllowBroadcast) {
    return new DatagramOptions(
        localAddr, remoteAddr, receiveLimit, maxDatagramSize, reusePort, newAllowBroadcast);
  }
}
