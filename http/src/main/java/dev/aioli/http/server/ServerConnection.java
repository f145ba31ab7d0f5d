package dev.aioli.http.server;

import dev.aioli.ExceptionContext;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.Task;
import dev.aioli.http.Headers;
import dev.aioli.http.WebSocket;
import dev.aioli.http.WebSocketClosedException;
import dev.aioli.http.websocket.OpenWebSocket;
import dev.aioli.http.websocket.WebSocketFrames;
import dev.aioli.http.wire.Deadline;
import dev.aioli.net.NettyPoller;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection of the server, and the last handler of its pipeline: takes requests apart
 * and hands them on one after the other. What goes back is the business of {@link Http1Responder}.
 */
final class ServerConnection extends ChannelInboundHandlerAdapter
    implements IncomingBody.Source, OpenConnection {
  /*
   * Everything here is touched in the loop's turn, most of it on the loop's thread.
   *
   *   idle        current == null, held is empty
   *   answering   current != null; its body may still be arriving. What a client sends ahead is held.
   *   draining    current == null, draining != null: the answer is out, the rest of the body is dropped
   *   ended       inputEnded: nothing more is read; closed when what has arrived is answered
   *   upgraded    frames pass through to the WebSocket behind this
   */

  /** So many messages of later requests may wait before the connection is read no further. */
  private static final int MAX_HELD = 64;

  /** So much of a body that nobody wants is read, to keep the connection. */
  private static final long MAX_DRAIN_BYTES = 256 * 1024;

  private static final int INTERNAL_ERROR = 1011;
  private static final Duration LINGER = Duration.ofSeconds(1);

  private final HttpServer server;
  private final ServerSettings settings;
  private final NettyPoller poller;
  private final Deadline deadline;
  private final long headerNanos;
  private final long idleNanos;
  private final long bodyNanos;
  private final ArrayDeque<HttpObject> held = new ArrayDeque<>(0);
  private @Nullable Channel channel;
  private @Nullable Http1Responder responder;
  private ServerRequest.@Nullable Peer peer;

  private @Nullable ServerRequest current;
  private @Nullable Task<@Nullable ServerResponse> task;
  private @Nullable IncomingBody draining;
  private int requests;
  private boolean keepAlive;
  private boolean awaitsContinue;
  private boolean headBegun;
  private boolean blocked;
  private boolean inputShut;
  private boolean inputEnded;
  private boolean lingering;
  private boolean cancelled;
  private @Nullable WebSocketFrames upgraded;

  ServerConnection(HttpServer server, NettyPoller poller) {
    this.server = server;
    this.poller = poller;
    settings = server.settings();
    deadline = new Deadline(poller.loop(), this::deadlinePassed);
    headerNanos = Deadline.nanos(settings.headerTimeout());
    idleNanos = Deadline.nanos(settings.idleTimeout());
    bodyNanos = Deadline.nanos(settings.bodyTimeout());
  }

  // ---- arriving

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    Channel open = context.channel();
    channel = open;
    InetSocketAddress address = (InetSocketAddress) open.remoteAddress(); // later it may be gone
    peer =
        new ServerRequest.Peer(
            address == null ? new InetSocketAddress(0) : address, settings.tls() != null);
    responder =
        new Http1Responder(
            server,
            poller,
            open,
            Objects.requireNonNull(open.pipeline().get(ResponseEncoder.class)),
            settings);
    server.opened(this);
    deadline.set(headerNanos);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (upgraded != null) {
      context.fireChannelRead(message);
    } else if (inputEnded || !(message instanceof HttpObject object)) {
      ReferenceCountUtil.release(message);
    } else if (mustHold()) {
      hold(object);
    } else {
      process(object);
    }
  }

  private boolean mustHold() {
    return blocked || !held.isEmpty() || (current != null && current.body().ended());
  }

  private void hold(HttpObject message) {
    held.add(message);
    if (held.size() >= MAX_HELD) {
      channel().config().setAutoRead(false);
    }
  }

  private void process(HttpObject message) {
    try {
      DecoderResult decoded = message.decoderResult();
      if (decoded.isFailure()) {
        refuse(refusalFor(decoded.cause()));
        return;
      }
      if (message instanceof HttpRequest request) {
        begin(request);
      }
      if (message instanceof HttpContent content) {
        arrived(content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private static HttpStatusException refusalFor(Throwable cause) {
    int status =
        switch (cause) {
          case TooLongHttpLineException e -> 414;
          case TooLongHttpHeaderException e -> 431;
          default -> 400;
        };
    return new HttpStatusException(status, String.valueOf(cause.getMessage()));
  }

  private void begin(HttpRequest head) {
    deadline.clear();
    headBegun = false;
    HttpStatusException refusal = RequestCheck.refusal(head);
    if (refusal != null) {
      refuse(refusal);
      return;
    }
    long length =
        HttpUtil.isTransferEncodingChunked(head) ? -1 : HttpUtil.getContentLength(head, 0L);
    awaitsContinue = HttpUtil.is100ContinueExpected(head);
    keepAlive = HttpUtil.isKeepAlive(head) && ++requests < settings.maxRequestsPerConnection();
    ServerRequest request;
    try {
      request =
          new ServerRequest(
              head.method().name(),
              head.uri(),
              Headers.NETTY.headers(head.headers()),
              head.protocolVersion().text(),
              new IncomingBody(poller.loop(), this, length),
              settings.maxBodyBytes(),
              Objects.requireNonNull(peer));
    } catch (HttpStatusException e) {
      refuse(e);
      return;
    }
    current = request;
    if (length != 0 && !awaitsContinue) {
      deadline.set(bodyNanos);
    }
    start(request);
  }

  private void arrived(HttpContent content) {
    IncomingBody body = current != null ? current.body() : draining;
    if (body == null) {
      return; // of a request that was refused
    }
    body.add(content.content());
    awaitsContinue = false;
    if (content instanceof LastHttpContent) {
      deadline.clear();
      body.end();
      if (draining != null) {
        draining = null;
        next();
      }
    } else if (body.full()) {
      deadline.clear(); // it is the handler that is slow
      channel().config().setAutoRead(false);
    } else {
      deadline.set(bodyNanos);
      if (draining != null && body.received() > MAX_DRAIN_BYTES) {
        linger();
      }
    }
  }

  /** Answers what cannot be understood, after what came before it, and reads no further. */
  private void refuse(HttpStatusException refusal) {
    inputEnded = true;
    deadline.clear();
    if (current != null) {
      current.body().fail(refusal);
    } else if (draining != null) {
      linger();
    } else {
      responder().refuse(refusal);
      linger();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (upgraded == null && current == null && draining == null && !headBegun && !inputEnded) {
      headBegun = true; // bytes came, but no whole head
      if (requests > 0) {
        deadline.set(headerNanos); // the first one has to come that soon anyway
      }
    }
    context.fireChannelReadComplete();
  }

  // ---- for the body, in the turn

  @Override
  public void wanted() {
    if (awaitsContinue) {
      awaitsContinue = false;
      if (!responder().headSent()) { // else it would be taken for a part of the answer
        responder()
            .post(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
      }
      poller.post(this::expectBody);
    }
  }

  @Override
  public void resume() {
    poller.post(() -> {
      expectBody();
      channel().config().setAutoRead(true);
    });
  }

  private void expectBody() {
    IncomingBody body = current == null ? null : current.body();
    if (body != null && !body.ended() && !body.full() && !inputEnded) {
      deadline.set(bodyNanos);
    }
  }

  // ---- answering

  private void start(ServerRequest request) {
    Task<@Nullable ServerResponse> handling = poller.loop().createTask(() -> answer(request));
    task = handling;
    handling.addDoneCallback(done -> answered(request, done));
  }

  /** Runs in the task of the request. A response that can be sent at once is given back. */
  @Suspends
  private @Nullable ServerResponse answer(ServerRequest request) throws Exception {
    ServerResponse response = server.answer(request);
    if (response.body() instanceof ResponseBody.Upgrade upgrade) {
      response = upgrade(request, upgrade, response.headers());
      if (response == null) {
        return null;
      }
    }
    if (response.body() instanceof ResponseBody.Bytes) {
      return response;
    }
    boolean endsWithConnection =
        response.body() instanceof ResponseBody.Streamed streamed
            && streamed.length() < 0
            && !request.version().equals("HTTP/1.1");
    keepAlive = keepAlive && !endsWithConnection;
    responder().send(request, response, keepsAlive(request));
    return null;
  }

  /** Whether the connection can be used after the answer to a request. */
  private boolean keepsAlive(ServerRequest request) {
    IncomingBody body = request.body();
    boolean drainable =
        body.ended() || (!awaitsContinue && !inputEnded && body.remaining() <= MAX_DRAIN_BYTES);
    keepAlive = keepAlive && drainable && !server.closing();
    return keepAlive;
  }

  private void answered(ServerRequest request, Future<@Nullable ServerResponse> done) {
    task = null;
    if (upgraded != null) {
      endUpgraded(request, done);
      return;
    }
    if (done.cancelled() && cancelled) {
      close();
      return;
    }
    Throwable exception = Outcome.exception(done);
    ServerResponse response;
    if (exception == null) {
      response = done.result();
    } else {
      report(request, exception, done);
      if (responder().headSent()) {
        close(); // in the middle of the body: that is how the client learns
        return;
      }
      response = ServerResponse.text(500, "500: the handler failed\n");
    }
    if (!channel().isActive()) {
      current = null;
      return;
    }
    if (response != null) {
      responder().sendNow(request, response, keepsAlive(request));
    }
    finish(request);
  }

  private void report(ServerRequest request, Throwable exception, Future<?> done) {
    poller
        .loop()
        .callExceptionHandler(
            ExceptionContext.of("Exception in HTTP handler of " + request, exception)
                .withFuture(done));
  }

  /** The answer is on its way out; what comes next? */
  private void finish(ServerRequest request) {
    current = null;
    responder().reset();
    IncomingBody body = request.body();
    if (!body.ended()) {
      body.discard();
    }
    if (!keepAlive) {
      inputEnded = true;
      dropHeld();
      deadline.clear();
      if (body.ended()) {
        responder().closeWhenSent();
      } else {
        linger();
      }
    } else if (!body.ended()) {
      draining = body;
      deadline.set(bodyNanos);
      channel().config().setAutoRead(true);
    } else {
      next();
    }
  }

  /** Goes on with what has been held, or waits. */
  private void next() {
    if (channel().isWritable()) {
      goOn();
    } else {
      blocked = true; // who reads no answers gets no more of them
      responder().whenSent(this::goOn);
    }
  }

  private void goOn() {
    blocked = false;
    while (!held.isEmpty() && !inputEnded && (current == null || !current.body().ended())) {
      process(held.remove());
    }
    if (held.size() < MAX_HELD / 2 && !channel().config().isAutoRead()) {
      channel().config().setAutoRead(true);
    }
    if (current == null && draining == null && !inputEnded) {
      if (server.closing() || inputShut) {
        responder().closeWhenSent();
      } else {
        deadline.set(idleNanos);
      }
    }
  }

  private void dropHeld() {
    held.forEach(ReferenceCountUtil::release);
    held.clear();
  }

  // ---- WebSocket

  /** Gives the answer if it cannot be done. */
  @Suspends
  private @Nullable ServerResponse upgrade(
      ServerRequest request, ResponseBody.Upgrade upgrade, Headers headers) throws Exception {
    WebSocketUpgrade handshake = new WebSocketUpgrade(request, upgrade.options(), headers);
    ServerResponse refusal = handshake.refusal();
    if (refusal != null) {
      return refusal;
    }
    WebSocketFrames frames =
        new WebSocketFrames(
            poller,
            channel(),
            upgrade.options(),
            handshake.deflate(),
            true,
            Deadline.nanos(settings.writeTimeout()));
    handshake.perform(
        poller,
        channel(),
        frames,
        () -> {
          upgraded = frames;
          deadline.close();
        });
    talk(new OpenWebSocket(frames, handshake.protocol()), frames, upgrade.handler());
    return null;
  }

  @Suspends
  private static void talk(WebSocket socket, WebSocketFrames frames, WebSocketHandler handler)
      throws Exception {
    try {
      handler.handle(socket);
    } catch (WebSocketClosedException e) {
      // the peer went away while the handler was sending: that is how many of them end
    } catch (Exception e) {
      frames.fail(INTERNAL_ERROR, "the handler failed");
      throw e;
    } finally {
      socket.close();
    }
  }

  private void endUpgraded(ServerRequest request, Future<?> done) {
    Throwable exception = Outcome.exception(done);
    if (exception != null && !(done.cancelled() && cancelled)) {
      report(request, exception, done);
    }
    close();
  }

  // ---- ending

  private void deadlinePassed() {
    if (current != null) {
      refuse(
          new HttpStatusException(
              408,
              "expected more of the body within "
                  + settings.bodyTimeout()
                  + ", got "
                  + current.body()));
    } else if (draining != null) {
      linger();
    } else if (headBegun) {
      refuse(new HttpStatusException(408, "expected a request within " + settings.headerTimeout()));
    } else {
      close();
    }
  }

  /**
   * Ends the connection without closing it yet: the client may still be sending what we refused,
   * and would lose our answer to a reset. What it sends is dropped until it is done, for a moment
   * at most.
   */
  private void linger() {
    if (lingering) {
      return;
    }
    lingering = true;
    inputEnded = true;
    draining = null;
    responder()
        .whenSent(() -> {
          SslHandler tls = channel().pipeline().get(SslHandler.class);
          if (tls != null) {
            var _ = tls.closeOutbound();
          }
          channel().config().setAutoRead(true);
          var _ = ((DuplexChannel) channel()).shutdownOutput();
          poller.loop().callLater(LINGER, this::close);
        });
  }

  @Override
  public void closeWhenIdle() {
    if (upgraded != null) {
      upgraded.goAway();
    } else if (current == null && held.isEmpty() && !inputEnded) {
      responder().closeWhenSent();
    }
  }

  @Override
  public void abort() {
    dropHeld();
    cancel("the HTTP server is closing");
    close();
  }

  private void cancel(String reason) {
    cancelled = true;
    if (task != null) {
      task.cancel(reason);
    }
  }

  private void close() {
    inputEnded = true;
    var _ = channel().close();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputShutDown();
    }
    context.fireUserEventTriggered(event);
  }

  /** The client will send no more, but still wants the answers. */
  private void inputShutDown() {
    inputShut = true;
    if (upgraded != null || draining != null) {
      close();
    } else if (current != null && !current.body().ended()) {
      refuse(new HttpStatusException(400, "the body ended early, after " + current.body()));
    } else if (current == null && !mustHold()) {
      responder().closeWhenSent();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    inputEnded = true;
    deadline.close();
    dropHeld();
    responder().closed();
    if (upgraded != null) {
      context.fireChannelInactive(); // the WebSocket ends, and so does its handler
    } else {
      cancel("the client has gone away");
    }
    server.closed(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (upgraded != null) {
      context.fireExceptionCaught(cause);
    } else {
      close(); // the socket failed; the client will see it
    }
  }

  /** The client speaks HTTP/2: another kind of connection takes the channel over. */
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (context.channel().isActive()) {
      deadline.close();
      server.closed(this);
    }
  }

  private Channel channel() {
    return Objects.requireNonNull(channel);
  }

  /** Who is at the other end. */
  ServerRequest.Peer peer() {
    return Objects.requireNonNull(peer);
  }

  private Http1Responder responder() {
    return Objects.requireNonNull(responder);
  }
}
