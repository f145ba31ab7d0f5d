package dev.aioli.http.server;

import dev.aioli.http.wire.Reading;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Map;

/**
 * What a client sends before its earlier requests are answered. While there is too much of it the
 * channel is not read. On the loop's thread only.
 */
final class HeldMessages {
  private static final int HIGH_WATER_BYTES = 64 * 1024;
  private static final int LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;

  /** What a message costs besides its bytes, so that small ones are bounded, too. */
  private static final int MESSAGE_BYTES = 256;

  private final Reading reading;
  private final ArrayDeque<HttpObject> messages = new ArrayDeque<>(0);
  private long bytes;

  HeldMessages(Reading reading) {
    this.reading = reading;
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  void add(HttpObject message) {
    messages.add(message);
    bytes += weight(message);
    if (bytes >= HIGH_WATER_BYTES) {
      reading.pause();
    }
  }

  private static long weight(HttpObject message) {
    long weight = MESSAGE_BYTES;
    if (message instanceof HttpRequest request) {
      weight += request.uri().length();
      for (Map.Entry<String, String> field : request.headers()) {
        weight += field.getKey().length() + field.getValue().length();
      }
    }
    if (message instanceof HttpContent content) {
      weight += content.content().readableBytes();
    }
    return weight;
  }

  /** The oldest. */
  HttpObject remove() {
    HttpObject message = messages.remove();
    bytes -= weight(message);
    return message;
  }

  /** Has the channel read again, if there is room for it. */
  void resume() {
    if (bytes < LOW_WATER_BYTES) {
      reading.resume();
    }
  }

  void drop() {
    messages.forEach(ReferenceCountUtil::release);
    messages.clear();
    bytes = 0;
  }
}
