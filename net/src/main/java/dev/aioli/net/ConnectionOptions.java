package dev.aioli.net;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to open a connection.
 *
 * @param limit the limit of the {@link StreamReader}, in bytes
 * @param tls how to speak TLS; null for plain text
 * @param localAddr the address to connect from; null for one that the system chooses
 * @param happyEyeballsDelay how long an attempt may take before the next address is tried beside
 *     it; null tries one address after the other. Default 250 ms, as RFC 8305 recommends; asyncio
 *     has it off unless asked
 * @param interleave how many addresses of the first family come before one of the other, when they
 *     take turns; 0 leaves the resolver's order. Default 1. Without happy eyeballs the order is the
 *     resolver's
 */
public record ConnectionOptions(
    int limit,
    @Nullable TlsOptions tls,
    @Nullable InetSocketAddress localAddr,
    @Nullable Duration happyEyeballsDelay,
    int interleave) {

  /** What holds unless said otherwise. */
  public static final ConnectionOptions DEFAULT =
      new ConnectionOptions(StreamReader.DEFAULT_LIMIT, null, null, Duration.ofMillis(250), 1);

  /** Checks the ranges. */
  public ConnectionOptions {
    Checks.positive("limit", limit);
    if (happyEyeballsDelay != null && happyEyeballsDelay.isNegative()) {
      throw new IllegalArgumentException(
          "expected happyEyeballsDelay >= 0 or null, found " + happyEyeballsDelay);
    }
    if (interleave < 0) {
      throw new IllegalArgumentException("expected interleave >= 0, found " + interleave);
    }
  }

  /** The same with another limit of the reader, in bytes. */
  public ConnectionOptions withLimit(int newLimit) {
    return new ConnectionOptions(newLimit, tls, localAddr, happyEyeballsDelay, interleave);
  }

  /** The same with TLS. */
  public ConnectionOptions withTls(TlsOptions newTls) {
    return new ConnectionOptions(limit, newTls, localAddr, happyEyeballsDelay, interleave);
  }

  /** The same from a local address; its port may be 0. */
  public ConnectionOptions withLocalAddr(InetSocketAddress newLocalAddr) {
    return new ConnectionOptions(limit, tls, newLocalAddr, happyEyeballsDelay, interleave);
  }

  /** The same with another delay; null tries one address after the other. */
  public ConnectionOptions withHappyEyeballsDelay(@Nullable Duration newDelay) {
    return new ConnectionOptions(limit, tls, localAddr, newDelay, interleave);
  }

  /** The same with another mixture of families. */
  public ConnectionOptions withInterleave(int newInterleave) {
    return new ConnectionOptions(limit, tls, localAddr, happyEyeballsDelay, newInterleave);
  }
}
