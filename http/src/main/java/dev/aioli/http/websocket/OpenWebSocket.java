package dev.aioli.http.websocket;

import dev.aioli.Suspends;
import dev.aioli.http.WebSocket;
import dev.aioli.http.wire.Utf8;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A WebSocket as its user sees it: checks what is given and hands it to the frames. */
public final class OpenWebSocket implements WebSocket {
  private final WebSocketFrames frames;
  private final @Nullable String protocol;

  public OpenWebSocket(WebSocketFrames frames, @Nullable String protocol) {
    this.frames = frames;
    this.protocol = protocol;
  }

  @Override
  @Suspends
  public void send(String text) {
    frames.sendText(Objects.requireNonNull(text, "text"));
  }

  @Override
  @Suspends
  public void send(byte[] bytes) {
    frames.sendBinary(Objects.requireNonNull(bytes, "bytes"));
  }

  @Override
  public boolean trySend(String text) {
    return frames.trySendText(Objects.requireNonNull(text, "text"));
  }

  @Override
  public boolean trySend(byte[] bytes) {
    return frames.trySendBinary(Objects.requireNonNull(bytes, "bytes"));
  }

  @Override
  public long bufferedBytes() {
    return frames.bufferedBytes();
  }

  @Override
  @Suspends
  public @Nullable Message receive() {
    return frames.receive();
  }

  @Override
  @Suspends
  public @Nullable String receiveText() {
    return switch (receive()) {
      case null -> null;
      case Text(String text) -> text;
      case Binary binary -> {
        frames.fail(1003, "expected a text");
        throw frames.closedException();
      }
    };
  }

  @Override
  public Iterator<Message> iterator() {
    return new Iterator<>() {
      private @Nullable Message next;

      @Override
      public boolean hasNext() {
        if (next == null) {
          next = receive();
        }
        return next != null;
      }

      @Override
      public Message next() {
        if (!hasNext() || next == null) {
          throw new NoSuchElementException("the WebSocket is closed: " + OpenWebSocket.this);
        }
        Message message = next;
        next = null;
        return message;
      }
    };
  }

  @Override
  @Suspends
  public void ping() {
    frames.ping();
  }

  @Override
  @Suspends
  public void close() {
    close(NORMAL, "");
  }

  @Override
  @Suspends
  public void close(int code, String reason) {
    if (!WebSocketFrames.mayBeSent(code)) {
      throw new IllegalArgumentException(
          "expected a code of 1000 to 1014 that may be sent, or 3000 to 4999, was " + code);
    }
    if (Utf8.bytes(reason).length > 123) {
      throw new IllegalArgumentException(
          "expected a reason of at most 123 bytes, found '" + reason + "'");
    }
    frames.close(code, reason);
  }

  @Override
  public void abort() {
    frames.abort();
  }

  @Override
  public boolean isOpen() {
    return frames.isOpen();
  }

  @Override
  public int closeCode() {
    return frames.closeCode();
  }

  @Override
  public String closeReason() {
    return frames.closeReason();
  }

  @Override
  public @Nullable String protocol() {
    return protocol;
  }

  @Override
  public boolean compressed() {
    return frames.compressed();
  }

  @Override
  public String toString() {
    return "WebSocket[" + (isOpen() ? "open" : "closed " + closeCode()) + "]";
  }
}
