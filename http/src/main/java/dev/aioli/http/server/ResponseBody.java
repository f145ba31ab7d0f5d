package dev.aioli.http.server;

import dev.aioli.http.WebSocketOptions;
import java.nio.file.Path;

/** What a response carries. How it is sent is the connection's business. */
sealed interface ResponseBody {
  /** No bytes. */
  ResponseBody EMPTY = new Bytes(new byte[0]);

  /** Bytes at hand. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, not compared
  record Bytes(byte[] bytes) implements ResponseBody {}

  /**
   * Written while it is sent.
   *
   * @param length -1 if that is not known before
   */
  record Streamed(BodyWriter writer, long length) implements ResponseBody {}

  /** A part of a file. */
  record FilePart(Path file, long offset, long length) implements ResponseBody {}

  /** No body: the connection becomes a WebSocket. */
  record Upgrade(WebSocketOptions options, WebSocketHandler handler) implements ResponseBody {}
}
