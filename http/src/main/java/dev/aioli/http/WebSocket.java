package dev.aioli.http;

import dev.aioli.Suspends;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * One end of a WebSocket (RFC 6455): a server's in a {@link
 * dev.aioli.http.server.WebSocketHandler}, a client's from {@link
 * dev.aioli.http.client.WebSocketClient}. As aiohttp's {@code WebSocketResponse} and {@code
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
 * received: when as much of them waits as {@link WebSocketOptions#maxMessageBytes}, but 64 KiB at
 * least and 1 MiB at most, the socket is left alone, and pings are not seen either.
 *
 * <p>When the peer closes while messages wait, whoever receives these may still answer them: the
 * close is answered when all has been received, and after {@link WebSocketOptions#closeTimeout} in
 * any case.
 */
public interface WebSocket extends AutoCloseable, Iterable<WebSocket.Message> {
  /** All is well: the purpose is fulfilled. */
  int NORMAL = 1000;

  /** The server stops, or the page is left. */
  int GOING_AWAY = 1001;

  /** The peer closed without a code. Never sent. */
  int NO_STATUS = 1005;

  /** The connection was lost without a close. Never sent. */
  int ABNORMAL = 1006;

  /** What comes in. */
  sealed interface Message {}

  /** A text. */
  record Text(String text) implements Message {}

  /** Bytes. */
  @SuppressWarnings("ArrayRecordComponent") // the bytes are handed over, not compared
  record Binary(byte[] bytes) implements Message {}

  /**
   * Sends a text. Suspends while more than {@link WebSocketOptions#sendBufferBytes} wait for the
   * peer to read them.
   *
   * <p>Cancellation: the message is sent nevertheless, whole.
   *
   * @throws IllegalArgumentException if it has half of a surrogate pair, which UTF-8 cannot have
   * @throws WebSocketClosedException if it is closed, or the connection is lost
   */
  @Suspends
  void send(String text);

  /** As {@link #send(String)}, bytes. They must not be changed any more. */
  @Suspends
  void send(byte[] bytes);

  /**
   * Sends a text if there is room for one: if no more than {@link WebSocketOptions#sendBufferBytes}
   * wait for the peer to read them. Does not suspend, and goes behind all that was sent before. For
   * who sends to many and must not wait for the slowest, which one may then drop, or {@link
   * #abort}.
   *
   * @return whether it is sent; false if there is no room
   * @throws IllegalArgumentException if it has half of a surrogate pair, which UTF-8 cannot have
   * @throws WebSocketClosedException if it is closed, or the connection is lost
   */
  boolean trySend(String text);

  /** As {@link #trySend(String)}, bytes. If they are sent they must not be changed any more. */
  boolean trySend(byte[] bytes);

  /**
   * How much of what was sent waits for the peer to read it: bytes before compression, and 64 for
   * each message. What the system and the network hold does not count. Does not suspend.
   */
  long bufferedBytes();

  /**
   * The next message, in order; null when there will be none, since either side has closed or the
   * connection is lost: see {@link #closeCode}. Suspends if none is there; tasks that wait are
   * served in order.
   *
   * <p>Cancellation: nothing is lost; the next one gets the message.
   */
  @Suspends
  @Nullable Message receive();

  /**
   * As {@link #receive}, where only texts are expected: bytes close it with code 1003.
   *
   * @throws WebSocketClosedException if bytes come
   */
  @Suspends
  @Nullable String receiveText();

  /** The messages to come, until the end: each step is a {@link #receive}. */
  @Override
  Iterator<Message> iterator();

  /**
   * Asks for a sign of life and suspends until it is there.
   *
   * @throws WebSocketClosedException if it is closed meanwhile, or before
   */
  @Suspends
  void ping();

  /** As {@link #close(int, String)}, with {@link #NORMAL}. */
  @Suspends
  @Override
  void close();

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
  void close(int code, String reason);

  /**
   * Cuts the connection at once: nothing is said to the peer, and what waits to be sent is dropped.
   * Whoever sends or receives goes on as after a lost connection; {@link #closeCode} is {@link
   * #ABNORMAL}, unless a side had closed before. Does not suspend. Idempotent. As {@code
   * WriteTransport.abort} of asyncio.
   */
  void abort();

  /** Whether it is open: nobody has begun to close it, and the connection is there. */
  boolean isOpen();

  /**
   * Why it ended: the code of the side that closed first; {@link #NO_STATUS} if the peer gave none,
   * {@link #ABNORMAL} if the connection was lost, 0 while it is open.
   */
  int closeCode();

  /** What the side that closed first said; empty if nothing. */
  String closeReason();

  /** The subprotocol that both have agreed on; null if none. */
  @Nullable String protocol();

  /** Whether both have agreed to compress messages: {@link WebSocketOptions#compress}. */
  boolean compressed();
}
