package dev.aioli.http;

import dev.aioli.Suspends;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One end of a WebSocket (RFC 6455): a server's in a {@link WebSocketHandler}, a client's from
 * {@link WebSocketClient}. As aiohttp's {@code WebSocketResponse} and {@code
 * ClientWebSocketResponse}.
 *
 * <pre>{@code
 * for (WebSocket.Message message : socket) {        // until the peer closes
 *   if (message instanceof WebSocket.Text(String text)) {
 *     socket.send("you said " + text);
 *   }
 * }
 * }</pre>
 *
 * <p>Several tasks may send and several may receive; each message is one. Pings are answered, and a
 * close of the peer is, without anybody's doing. The peer is read from no faster than messages are
 * received: when some 64 KiB of them wait, the socket is left alone.
 */
public final class WebSocket implements AutoCloseable, Iterable<WebSocket.Message> {
  /** All is well: the purpose is fulfilled. */
  public static final int NORMAL = 1000;

  /** The server stops, or the page is left. */
  public static final int GOING_AWAY = 1001;

  /** The peer closed without a code. Never sent. */
  public static final int NO_STATUS = 1005;

  /** The connection was lost without a close. Never sent. */
  public static final int ABNORMAL = 1006;

  /** What comes in. */
  public sealed interface Message {}

  /** A text. */
  public record Text(String text) implements Message {}

  /** Bytes. */
  @SuppressWarnings("ArrayRecordComponent") // the bytes are handed over, not compared
  public record Binary(byte[] bytes) implements Message {}

  private final WebSocketFrames frames;
  private final @Nullable String protocol;

  WebSocket(WebSocketFrames frames, @Nullable String protocol) {
    this.frames = frames;
    this.protocol = protocol;
  }

  /**
   * Sends a text. Suspends while more than 64 KiB wait for the peer to read them.
   *
   * <p>Cancellation: the message is sent nevertheless, whole.
   *
   * @throws WebSocketClosedException if it is closed, or the connection is lost
   */
  @Suspends
  public void send(String text) {
    frames.sendText(Objects.requireNonNull(text, "text"));
  }

  /** As {@link #send(String)}, bytes. They must not be changed any more. */
  @Suspends
  public void send(byte[] bytes) {
    frames.sendBinary(Objects.requireNonNull(bytes, "bytes"));
  }

  /**
   * The next message, in order; null when there will be none, since either side has closed or the
   * connection is lost: see {@link #closeCode}. Suspends if none is there; tasks that wait are
   * served in order.
   *
   * <p>Cancellation: nothing is lost; the next one gets the message.
   */
  @Suspends
  public @Nullable Message receive() {
    return frames.receive();
  }

  /**
   * As {@link #receive}, where only texts are expected: bytes close it with code 1003.
   *
   * @throws WebSocketClosedException if bytes come
   */
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

  /** The messages to come, until the end: each step is a {@link #receive}. */
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
          throw new NoSuchElementException("the WebSocket is closed: " + WebSocket.this);
        }
        Message message = next;
        next = null;
        return message;
      }
    };
  }

  /**
   * Asks for a sign of life and suspends until it is there.
   *
   * @throws WebSocketClosedException if it is closed meanwhile, or before
   */
  @Suspends
  public void ping() {
    frames.ping();
  }

  /** As {@link #close(int, String)}, with {@link #NORMAL}. */
  @Suspends
  @Override
  public void close() {
    close(NORMAL, "");
  }

  /**
   * Closes: tells the peer, waits until it has answered and the connection is closed, for the time
   * that {@link WebSocketOptions#closeTimeout} gives at most, and then closes the connection in any
   * case. What the peer still sends is dropped. Idempotent.
   *
   * <p>Cancellation: the connection is closed at once.
   *
   * @param code 1000 to 1014 but for those that are never sent, or 3000 to 4999
   * @param reason at most 123 bytes in UTF-8
   * @throws IllegalArgumentException if code or reason are out of range
   */
  @Suspends
  public void close(int code, String reason) {
    boolean standard =
        code >= 1000 && code <= 1014 && code != 1004 && code != NO_STATUS && code != ABNORMAL;
    if (!standard && (code < 3000 || code > 4999)) {
      throw new IllegalArgumentException(
          "expected a code of 1000 to 1014 that may be sent, or 3000 to 4999, was " + code);
    }
    if (reason.getBytes(StandardCharsets.UTF_8).length > 123) {
      throw new IllegalArgumentException(
          "expected a reason of at most 123 bytes, found '" + reason + "'");
    }
    frames.close(code, reason);
  }

  /** Whether it is open: nobody has begun to close it, and the connection is there. */
  public boolean isOpen() {
    return frames.isOpen();
  }

  /**
   * Why it ended: the code of the side that closed first; {@link #NO_STATUS} if the peer gave none,
   * {@link #ABNORMAL} if the connection was lost, 0 while it is open.
   */
  public int closeCode() {
    return frames.closeCode();
  }

  /** What the side that closed first said; empty if nothing. */
  public String closeReason() {
    return frames.closeReason();
  }

  /** The subprotocol that both have agreed on; null if none. */
  public @Nullable String protocol() {
    return protocol;
  }

  @Override
  public String toString() {
    return "WebSocket[" + (isOpen() ? "open" : "closed " + closeCode()) + "]";
  }
}
