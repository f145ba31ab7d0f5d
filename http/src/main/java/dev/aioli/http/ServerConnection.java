package dev.aioli.http;

import dev.aioli.ExceptionContext;
import dev.aioli.Future;
import dev.aioli.Task;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the server, and the last handler of its pipeline. Handles one request at a
 * time, in the order in which they came; those that a client sends ahead wait.
 */
final class ServerConnection extends ChannelInboundHandlerAdapter {
  /** So many requests may wait on a connection before it is read no further. */
  private static final int MAX_WAITING = 16;

  private static final Duration LINGER = Duration.ofSeconds(1);
  private static final byte[] EMPTY = {};

  private final HttpServer server;
  private final NettyPoller poller;
  private @Nullable Channel channel;
  private @Nullable InetSocketAddress remoteAddress;

  // The request that is arriving.
  private @Nullable HttpRequest head;
  private byte[] body = EMPTY;
  private int bodyLength;

  // Requests that have arrived, and the one that is being handled.
  private final ArrayDeque<Arrived> waiting = new ArrayDeque<>(2);
  private @Nullable Task<ServerResponse> running;

  /** Nothing more is read from this connection: it is closed after what has arrived is answered. */
  private boolean lastArrived;

  private record Arrived(
      ServerRequest request,
      HttpVersion version,
      boolean keepAlive,
      @Nullable ServerResponse refusal) {}

  ServerConnection(HttpServer server, NettyPoller poller) {
    this.server = server;
    this.poller = poller;
  }

  /** Whether a request is being handled, or waits for that. */
  boolean busy() {
    return running != null || !waiting.isEmpty();
  }

  // ---- arriving

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
    remoteAddress = (InetSocketAddress) context.channel().remoteAddress(); // later it may be gone
    server.opened(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (!lastArrived) {
        arrived((HttpObject) message);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void arrived(HttpObject message) {
    DecoderResult decoded = message.decoderResult();
    if (decoded.isFailure()) {
      refuse(refusalFor(decoded.cause()));
      return;
    }
    if (message instanceof HttpRequest request) {
      begin(request);
    }
    if (message instanceof HttpContent content && !lastArrived) {
      collect(content.content());
    }
    if (message instanceof LastHttpContent && !lastArrived) {
      complete();
    }
  }

  private static ServerResponse refusalFor(Throwable cause) {
    int status =
        switch (cause) {
          case TooLongHttpLineException e -> 414;
          case TooLongHttpHeaderException e -> 431;
          default -> 400;
        };
    return ServerResponse.text(status, status + ": " + cause.getMessage() + "\n");
  }

  private void begin(HttpRequest request) {
    head = request;
    bodyLength = 0;
    body = EMPTY;
    if (HttpUtil.getContentLength(request, 0L) > server.maxBodyBytes()) {
      refuse(tooLarge());
    } else if (HttpUtil.is100ContinueExpected(request)) {
      var _ =
          channel()
              .writeAndFlush(
                  new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    }
  }

  private void collect(ByteBuf chunk) {
    int size = chunk.readableBytes();
    if (size == 0) {
      return;
    }
    if (bodyLength + (long) size > server.maxBodyBytes()) {
      refuse(tooLarge());
      return;
    }
    if (bodyLength + size > body.length) {
      body = Arrays.copyOf(body, Math.max(bodyLength + size, body.length * 2));
    }
    chunk.readBytes(body, bodyLength, size);
    bodyLength += size;
  }

  private ServerResponse tooLarge() {
    return ServerResponse.text(
        413, "413: expected a body of at most " + server.maxBodyBytes() + " bytes\n");
  }

  private void complete() {
    HttpRequest request = Objects.requireNonNull(head);
    head = null;
    byte[] bytes = bodyLength == body.length ? body : Arrays.copyOf(body, bodyLength);
    body = EMPTY;
    boolean keepAlive = HttpUtil.isKeepAlive(request);
    lastArrived = !keepAlive;
    add(new Arrived(toServerRequest(request, bytes), request.protocolVersion(), keepAlive, null));
  }

  /** Answers what cannot be understood, after what came before it, and reads no further. */
  private void refuse(ServerResponse refusal) {
    HttpRequest request = head;
    head = null;
    body = EMPTY;
    lastArrived = true;
    ServerRequest refused =
        request == null
            ? new ServerRequest("", "/", Headers.EMPTY, EMPTY, remoteAddress())
            : toServerRequest(request, EMPTY);
    add(new Arrived(refused, HttpVersion.HTTP_1_1, false, refusal));
  }

  private ServerRequest toServerRequest(HttpRequest request, byte[] bytes) {
    return new ServerRequest(
        request.method().name(),
        request.uri(),
        new Headers(request.headers()),
        bytes,
        remoteAddress());
  }

  private InetSocketAddress remoteAddress() {
    return remoteAddress == null ? new InetSocketAddress(0) : remoteAddress;
  }

  private void add(Arrived arrived) {
    waiting.add(arrived);
    if (waiting.size() >= MAX_WAITING) {
      channel().config().setAutoRead(false);
    }
    if (running == null) {
      handleNext();
    }
  }

  // ---- handling

  private void handleNext() {
    Arrived next = waiting.poll();
    if (next == null) {
      return;
    }
    if (next.refusal != null) {
      write(next, next.refusal);
      return;
    }
    Task<ServerResponse> task = poller.loop().createTask(() -> server.handle(next.request));
    running = task;
    task.addDoneCallback(done -> handled(next, done));
    if (!channel().config().isAutoRead() && waiting.size() < MAX_WAITING / 2) {
      channel().config().setAutoRead(true);
    }
  }

  private void handled(Arrived arrived, Future<ServerResponse> done) {
    running = null;
    ServerResponse response;
    if (done.cancelled()) {
      close();
      return;
    } else if (done.exception() != null) {
      Throwable exception = done.exception();
      poller
          .loop()
          .callExceptionHandler(
              ExceptionContext.of("Exception in HTTP handler of " + arrived.request, exception)
                  .withFuture(done));
      response = ServerResponse.text(500, "500: the handler failed\n");
    } else {
      response = done.result();
    }
    write(arrived, response);
  }

  private void write(Arrived arrived, ServerResponse response) {
    Channel open = channel();
    if (!open.isActive()) {
      return;
    }
    boolean keepAlive = arrived.keepAlive && !server.closing();
    ChannelFuture written = open.writeAndFlush(encode(arrived, response, keepAlive));
    if (keepAlive) {
      handleNext();
    } else {
      lastArrived = true;
      waiting.clear();
      written.addListener(arrived.refusal == null ? ChannelFutureListener.CLOSE : this::linger);
    }
  }

  /**
   * Ends the connection without closing it yet: the client may still be sending what we refused,
   * and would lose our answer to a reset. What it sends is dropped until it is done, for a moment
   * at most.
   */
  private void linger(io.netty.util.concurrent.Future<?> written) {
    if (!written.isSuccess()) {
      close();
      return;
    }
    channel().config().setAutoRead(true);
    var _ = ((DuplexChannel) channel()).shutdownOutput();
    poller.loop().callLater(LINGER, this::close);
  }

  private DefaultFullHttpResponse encode(
      Arrived arrived, ServerResponse response, boolean keepAlive) {
    HttpHeaders headers = response.headers().fields().copy();
    boolean hasBody = response.status() != 204 && response.status() != 304;
    if (hasBody) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, response.body().length);
    }
    headers.set(HttpHeaderNames.DATE, server.date());
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (!arrived.version.isKeepAliveDefault()) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    boolean sendsBody = hasBody && !arrived.request.method().equals("HEAD");
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1,
        HttpResponseStatus.valueOf(response.status()),
        sendsBody ? Unpooled.wrappedBuffer(response.body()) : Unpooled.EMPTY_BUFFER,
        headers,
        EmptyHttpHeaders.INSTANCE);
  }

  // ---- ending

  /** Closes the connection once what has arrived is answered; at once if there is nothing. */
  void closeWhenIdle() {
    if (!busy()) {
      close();
    }
  }

  /** Cancels the handler and closes the connection. */
  void abort() {
    waiting.clear();
    if (running != null) {
      running.cancel("the HTTP server is closing");
    }
    close();
  }

  private void close() {
    var _ = channel().close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    lastArrived = true;
    waiting.clear();
    if (running != null) {
      running.cancel("the client has gone away");
    }
    server.closed(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    close(); // the socket failed; the client will see it
  }

  private Channel channel() {
    return Objects.requireNonNull(channel);
  }
}
