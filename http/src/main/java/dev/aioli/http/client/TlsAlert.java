package dev.aioli.http.client;

import io.netty.buffer.ByteBuf;

/** How a server that expects TLS says that it has not understood what is none. */
final class TlsAlert {
  /** The type of the record, and the version. */
  private static final short BEGIN = 0x1503;

  private static final int LENGTH = 2;

  private TlsAlert() {}

  /** Whether so much has come that it can be told. */
  static boolean canBeTold(ByteBuf in) {
    return in.readableBytes() >= LENGTH;
  }

  /** Whether one byte has come, which could be the first of an alert: decoders would skip it. */
  static boolean mayBegin(ByteBuf in) {
    return in.readableBytes() == 1 && in.getByte(in.readerIndex()) == BEGIN >> 8;
  }

  /** Whether what has come begins as an alert does. */
  static boolean begins(ByteBuf in) {
    return canBeTold(in) && in.getShort(in.readerIndex()) == BEGIN;
  }
}
