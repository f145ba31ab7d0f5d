package dev.aioli.http.server;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpObject;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/**
 * What a client sends before its earlier requests are answered. While there is too much of it the
 * channel is not read. On the loop's thread only.
 */
final class HeldMessages {
  private static final int MAX = 64;

  private final Channel channel;
  private final ArrayDeque<HttpObject> messages = new ArrayDeque<>(0);

  HeldMessages(Channel channel) {
    this.channel = channel;
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  void add(HttpObject message) {
    messages.add(message);
    if (messages.size() >= MAX) {
      channel.config().setAutoRead(false);
    }
  }

  /** The oldest. */
  HttpObject remove() {
    return messages.remove();
  }

  /** Has the channel read again, if there is room for it. */
  void resume() {
    if (messages.size() < MAX / 2 && !channel.config().isAutoRead()) {
      channel.config().setAutoRead(true);
    }
  }

  void drop() {
    messages.forEach(ReferenceCountUtil::release);
    messages.clear();
  }
}
