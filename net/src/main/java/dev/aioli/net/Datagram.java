package dev.aioli.net;

import java.net.InetSocketAddress;

/**
 * A datagram that was received.
 *
 * @param data its bytes
 * @param sender where it came from
 */
@SuppressWarnings("ArrayRecordComponent") // whoever receives it owns it
public record Datagram(byte[] data, InetSocketAddress sender) {}
