package dev.aioli.http.websocket;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.TimeoutException;
import dev.aioli.http.WebSocket;
import dev.aioli.http.WebSocketClosedException;
import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.wire.Callbacks;
import dev.aioli.http.wire.ChannelWriter;
import dev.aioli.http.wire.Deadline;
import dev.aioli.http.wire.Reading;
import dev.aioli.http.wire.Utf8;
import dev.aioli.lowlevel.WaitQueue;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket between its frames and its messages, for both sides; the last handler of a pipeline.
 *
 * <p>Whoever sends a close first waits for that of the peer. When both are through the server
 * closes the connection; the client waits for that. {@code closeTimeout} bounds both.
 */
public final class WebSocketFrames extends ChannelInboundHandlerAdapter {
  /** So much waits for the receiver at least, before the peer is read no further, and at most. */
  private static final int LEAST_INBOX_BYTES = 64 * 1024;

  private static final int MOST_INBOX_BYTES = 1024 * 1024;

  /** What a message costs besides its bytes, so that empty ones are bounded, too. */
  private static final int MESSAGE_BYTES = 64;

  /** So many fragments of a message may be empty: they cost the sender next to nothing. */
  private static final int MAX_EMPTY_FRAGMENTS = 1000;

  private static final int PROTOCOL_ERROR = 1002;
  private static final int INVALID_DATA = 1007;
  private static final int POLICY_VIOLATION = 1008;
  private static final int TOO_BIG = 1009;
  private static final int INTERNAL_ERROR = 1011;

  private final NettyPoller poller;
  private final WebSocketOptions options;
  private final @Nullable PerMessageDeflate deflate;
  private final boolean server;
  private final Channel channel;
  private final Callbacks callbacks;
  private final ChannelWriter writer;
  private final Reading reading;
  private final int inboxBytesLimit;
  private final Deadline heartbeat;
  private final WaitQueue receivers = new WaitQueue();
  private final WaitQueue pingers = new WaitQueue();
  private final WaitQueue closers = new WaitQueue();

  // What has come in.
  private final ArrayDeque<WebSocket.Message> inbox = new ArrayDeque<>(2);
  private int inboxBytes;
  private @Nullable ByteArrayOutputStream fragments;
  private int emptyFragments;
  private boolean messageIsText;
  private long pongs;
  private boolean heardOf = true;

  // The end.
  private int closeCode;
  private String closeReason = "";
  private boolean closeSent;
  private boolean inactive;

  /** What the peer has said in its close, while it is not answered since messages are unread. */
  private byte @Nullable [] owedClose;

  /**
   * For a channel whose peer has agreed, or is about to.
   *
   * @param deflate how messages are compressed; null if they are not
   */
  public WebSocketFrames(
      NettyPoller poller,
      Channel channel,
      WebSocketOptions options,
      @Nullable PerMessageDeflate deflate,
      boolean server,
      long writeStallNanos) {
    this.poller = poller;
    this.options = options;
    this.deflate = deflate;
    this.server = server;
    this.channel = channel;
    callbacks = new Callbacks(poller, channel);
    writer = new ChannelWriter(poller, channel, writeStallNanos, options.sendBufferBytes());
    reading = new Reading(poller.loop(), channel);
    inboxBytesLimit = Math.clamp(options.maxMessageBytes(), LEAST_INBOX_BYTES, MOST_INBOX_BYTES);
    heartbeat = new Deadline(poller.loop(), callbacks.guarded(this::beat));
  }

  /** The subprotocols as Netty's handshakes take them. */
  public static @Nullable String protocols(WebSocketOptions options) {
    return options.protocols().isEmpty() ? null : String.join(",", options.protocols());
  }

  /**
   * The largest frame to receive.
   *
   * @param compressible whether it may be compressed, which makes some messages larger
   */
  public static int maxFrameBytes(WebSocketOptions options, boolean compressible) {
    long max = options.maxMessageBytes();
    return (int) Math.min(Integer.MAX_VALUE, compressible ? max + max / 1024 + 64 : max);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    if (deflate != null) {
      deflate.addBefore(context);
    }
    armHeartbeat();
  }

  // ---- coming in, on the loop's thread

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    heardOf = true;
    try {
      switch (message) {
        case WebSocketFrame strange when strange.rsv() != 0 && isOpen() ->
            makesNoSense(PROTOCOL_ERROR, "expected no reserved bits");
        case PingWebSocketFrame ping -> pong(ping);
        case PongWebSocketFrame pong -> {
          pongs++;
          pingers.wakeAll();
        }
        case CloseWebSocketFrame close -> closeArrived(close);
        case WebSocketFrame data when isOpen() -> dataArrived(data);
        default -> {} // after the end
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void pong(PingWebSocketFrame ping) {
    // A peer that sends pings and reads nothing gets none: what it does not read must not pile up.
    if (!closeSent && channel.isWritable()) {
      ByteBuf payload = ping.content().retain();
      var _ = writer.writeNow(new PongWebSocketFrame(payload), payload.readableBytes());
    }
  }

  private void dataArrived(WebSocketFrame frame) {
    ByteArrayOutputStream before = fragments;
    if (before == null) {
      messageIsText = frame instanceof TextWebSocketFrame;
    }
    int size = frame.content().readableBytes();
    if ((before == null ? 0 : before.size()) + (long) size > options.maxMessageBytes()) {
      fail(TOO_BIG, tooBig());
      return;
    }
    byte[] bytes = ByteBufUtil.getBytes(frame.content());
    if (before == null && frame.isFinalFragment()) {
      messageArrived(bytes);
    } else {
      fragmentArrived(before, bytes, frame.isFinalFragment());
    }
  }

  private String tooBig() {
    return "expected a message of at most " + options.maxMessageBytes() + " bytes";
  }

  private void fragmentArrived(@Nullable ByteArrayOutputStream before, byte[] bytes, boolean last) {
    ByteArrayOutputStream all = before == null ? new ByteArrayOutputStream() : before;
    emptyFragments = (before == null ? 0 : emptyFragments) + (bytes.length == 0 ? 1 : 0);
    if (emptyFragments > MAX_EMPTY_FRAGMENTS) {
      fail(
          POLICY_VIOLATION,
          "expected a message of at most " + MAX_EMPTY_FRAGMENTS + " empty fragments");
      return;
    }
    all.writeBytes(bytes);
    fragments = last ? null : all;
    if (last) {
      messageArrived(all.toByteArray());
    }
  }

  private void messageArrived(byte[] bytes) {
    if (!messageIsText) {
      add(new WebSocket.Binary(bytes), bytes.length);
      return;
    }
    try {
      add(new WebSocket.Text(utf8(ByteBuffer.wrap(bytes))), bytes.length);
    } catch (CharacterCodingException e) {
      fail(INVALID_DATA, "expected a text in UTF-8");
    }
  }

  private void add(WebSocket.Message message, int bytes) {
    inbox.add(message);
    inboxBytes += bytes + MESSAGE_BYTES;
    if (inboxBytes >= inboxBytesLimit) {
      reading.pause();
    }
    receivers.wakeNext();
  }

  private void closeArrived(CloseWebSocketFrame close) {
    if (closeSent) {
      finishClose();
      return;
    }
    int code = close.statusCode() < 0 ? WebSocket.NO_STATUS : close.statusCode();
    if (!mayBeSent(code) && code != WebSocket.NO_STATUS) {
      makesNoSense(PROTOCOL_ERROR, "expected a close code that may be sent, found " + code);
      return;
    }
    byte[] content = ByteBufUtil.getBytes(close.content());
    String reason;
    try {
      reason = content.length < 2 ? "" : utf8(ByteBuffer.wrap(content, 2, content.length - 2));
    } catch (CharacterCodingException e) {
      makesNoSense(INVALID_DATA, "expected a reason in UTF-8");
      return;
    }
    owedClose = content;
    boolean unread = !inbox.isEmpty();
    end(code, reason);
    if (unread) {
      // Whoever receives what is unread may answer it (RFC 6455, 5.5.1), but not for ever.
      poller.loop().callLater(options.closeTimeout(), callbacks.guarded(this::answerClose));
    } else {
      answerClose();
    }
  }

  /** Whether a close may have a code (RFC 6455, 7.4). */
  static boolean mayBeSent(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014)
        || (code >= 3000 && code <= 4999);
  }

  /** Answers the peer's close, if that is still to be done. In the turn. */
  private void answerClose() {
    byte[] content = owedClose;
    owedClose = null;
    if (content != null && !closeSent && !inactive) {
      closeSent = true;
      writer.post(new CloseWebSocketFrame(true, 0, Unpooled.wrappedBuffer(content)));
      finishClose();
    }
  }

  private static String utf8(ByteBuffer bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    inactive = true;
    end(WebSocket.ABNORMAL, "");
    owedClose = null;
    heartbeat.close();
    reading.close();
    writer.closed();
    pingers.wakeAll();
    closers.wakeAll();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException) {
      closeChannel(); // the socket failed
      return;
    }
    if (PerMessageDeflate.isTooLarge(cause)) {
      fail(TOO_BIG, tooBig());
      return;
    }
    if (cause instanceof CorruptedWebSocketFrameException corrupted) {
      makesNoSense(corrupted.closeStatus().code(), String.valueOf(cause.getMessage()));
    } else if (PerMessageDeflate.isCorrupt(cause)) {
      makesNoSense(INVALID_DATA, "expected a message that can be decompressed");
    } else if (cause instanceof CodecException) {
      makesNoSense(PROTOCOL_ERROR, "expected frames that make sense");
    } else {
      Callbacks.report(poller.loop(), this, cause); // the peer is not to blame
      makesNoSense(INTERNAL_ERROR, "internal error");
    }
  }

  private void makesNoSense(int code, String reason) {
    fail(code, reason);
    callbacks.post(this::endOutput);
  }

  /** After frames that make no sense the peer's close could not be understood either. */
  private void endOutput() {
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(written -> {
          if (channel.pipeline().get(SslHandler.class) != null) {
            closeChannel();
          } else {
            var _ = ((DuplexChannel) channel).shutdownOutput();
          }
        });
  }

  // ---- heartbeat

  private void armHeartbeat() {
    if (options.heartbeat() != null) {
      heartbeat.set(Deadline.nanos(options.heartbeat()));
    }
  }

  private void beat() {
    boolean paused = reading.paused(); // then nobody can be heard
    if (!heardOf && !paused) {
      end(WebSocket.ABNORMAL, "no sign of the peer within twice " + options.heartbeat());
      closeChannel();
      return;
    }
    heardOf = paused;
    if (!closeSent && channel.isWritable()) {
      var _ = writer.writeNow(new PingWebSocketFrame(), 0);
    }
    armHeartbeat();
  }

  // ---- in tasks

  @Suspends
  void sendText(String text) {
    ByteBuf payload = Unpooled.wrappedBuffer(Utf8.bytes(text));
    send(new TextWebSocketFrame(payload));
  }

  @Suspends
  void sendBinary(byte[] bytes) {
    send(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes)));
  }

  boolean trySendText(String text) {
    byte[] bytes = Utf8.bytes(text); // refused whether there is room or not
    checkMaySend();
    return writer.hasRoom() && trySend(new TextWebSocketFrame(Unpooled.wrappedBuffer(bytes)));
  }

  boolean trySendBinary(byte[] bytes) {
    checkMaySend();
    return writer.hasRoom() && trySend(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(bytes)));
  }

  private boolean trySend(WebSocketFrame frame) {
    writer.post(frame, frame.content().readableBytes() + MESSAGE_BYTES);
    return true;
  }

  long bufferedBytes() {
    return inactive ? 0 : writer.outstandingBytes();
  }

  private void checkMaySend() {
    if (inactive || (!isOpen() && owedClose == null)) {
      throw closedException();
    }
  }

  @Suspends
  private void send(WebSocketFrame frame) {
    if (!isOpen() && owedClose == null) {
      frame.release();
      throw closedException();
    }
    try {
      writer.write(frame, frame.content().readableBytes() + MESSAGE_BYTES);
    } catch (IOException e) {
      end(WebSocket.ABNORMAL, "");
      throw closedException();
    }
  }

  @Suspends
  WebSocket.@Nullable Message receive() {
    while (inbox.isEmpty() && isOpen()) {
      receivers.await(poller.loop(), this::passOn);
    }
    WebSocket.Message message = inbox.poll();
    if (message == null) {
      answerClose(); // whoever asks for more has answered the rest
      return null;
    }
    int size =
        switch (message) {
          case WebSocket.Text(String text) -> utf8Length(text);
          case WebSocket.Binary(byte[] bytes) -> bytes.length;
        };
    inboxBytes -= size + MESSAGE_BYTES;
    if (inboxBytes < inboxBytesLimit / 2 && reading.paused()) {
      callbacks.post(reading::resume);
    }
    return message;
  }

  private void passOn(boolean woken) {
    if (woken && !inbox.isEmpty()) {
      receivers.wakeNext();
    }
  }

  private static int utf8Length(String text) {
    return ByteBufUtil.utf8Bytes(text);
  }

  @Suspends
  void ping() {
    if (!isOpen()) {
      throw closedException();
    }
    writer.post(new PingWebSocketFrame());
    long before = pongs;
    while (pongs == before) {
      if (inactive || closeCode != 0) {
        throw closedException();
      }
      pingers.await(poller.loop(), woken -> {});
    }
  }

  @Suspends
  void close(int code, String reason) {
    boolean orderly = false;
    try {
      end(code, reason);
      answerClose();
      if (!closeSent && !inactive) {
        closeSent = true;
        writer.post(new CloseWebSocketFrame(code, reason));
      }
      callbacks.post(reading::resume); // the peer's close is behind the rest
      Asyncio.timeout(options.closeTimeout(), this::awaitInactive);
      orderly = true;
    } catch (TimeoutException e) {
      // the peer has had its time
    } finally {
      if (!orderly) {
        poller.post(this::closeChannel);
      }
    }
  }

  @Suspends
  private void awaitInactive() {
    while (!inactive) {
      closers.await(poller.loop(), woken -> {});
    }
  }

  // ---- the end, in the turn

  /** Closes because of something that the peer must not do. */
  public void fail(int code, String reason) {
    if (!closeSent && !inactive) {
      closeSent = true;
      end(code, reason);
      String shortened = reason.length() > 100 ? reason.substring(0, 100) : reason;
      writer.post(new CloseWebSocketFrame(code, shortened));
      finishLater();
    }
  }

  /** Cuts the connection, for whoever cannot wait. */
  void abort() {
    end(WebSocket.ABNORMAL, "aborted");
    owedClose = null;
    closeSent = true; // nothing is said any more
    callbacks.post(this::cut);
  }

  private void cut() {
    if (channel.isActive()) {
      // What the system holds is dropped, too: the peer would have to read it before it learns.
      var _ = channel.config().setOption(ChannelOption.SO_LINGER, 0);
      var _ = channel.pipeline().firstContext().close(); // TLS would wait to say good-bye
    }
  }

  /** The server closes: so does this, once the peer has answered. */
  public void goAway() {
    fail(WebSocket.GOING_AWAY, "the server is closing");
  }

  /** The first reason is the one that counts. */
  private void end(int code, String reason) {
    if (closeCode == 0) {
      closeCode = code;
      closeReason = reason;
      fragments = null;
      receivers.wakeAll();
      pingers.wakeAll();
      if (deflate != null) {
        callbacks.post(() -> deflate.stopReading(channel.pipeline()));
      }
    }
  }

  /** Both have sent a close. */
  private void finishClose() {
    if (server) {
      callbacks.post(this::closeWhenWritten);
    } else {
      finishLater();
    }
  }

  private void closeWhenWritten() {
    var _ = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  private void finishLater() {
    heartbeat.close();
    if (reading.paused()) {
      callbacks.post(reading::resume);
    }
    poller.loop().callLater(options.closeTimeout(), this::closeChannel);
  }

  private void closeChannel() {
    var _ = channel.close();
  }

  boolean compressed() {
    return deflate != null;
  }

  boolean isOpen() {
    return closeCode == 0;
  }

  int closeCode() {
    return closeCode;
  }

  String closeReason() {
    return closeReason;
  }

  @Override
  public String toString() {
    return "WebSocketFrames[" + channel.remoteAddress() + (isOpen() ? "]" : ", " + closeCode + "]");
  }

  WebSocketClosedException closedException() {
    return new WebSocketClosedException(closeCode, Objects.requireNonNull(closeReason));
  }
}
