package dev.aioli.net;

import java.net.InetSocketAddress;

/**
 * A datagram that was received.
 *
 * @param data its bytes
 * @param sender where it came from
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not compared
public record Datagram(byte[] data, InetSocketAddress sender) {}
