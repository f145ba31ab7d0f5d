package dev.aioli.http.server;

import dev.aioli.http.Headers;
import dev.aioli.http.wire.Callbacks;
import dev.aioli.http.wire.Deadline;
import dev.aioli.http.wire.Reading;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection of the server, and the last handler of its pipeline: takes requests apart
 * and hands them on one after the other. How a body arrives is the business of {@link
 * BodyReceiver}, how a request is handled that of {@link Http1Handling}, and what goes back that of
 * {@link Http1Responder}.
 */
final class ServerConnection extends ChannelInboundHandlerAdapter
    implements Http1Handling.Owner, OpenConnection {
  /*
   * Everything here is touched in the loop's turn, most of it on the loop's thread.
   *
   *   idle        current == null, held is empty
   *   answering   current != null; its body may still be arriving. What a client sends ahead is held.
   *   draining    current == null: the answer is out, the rest of the body is dropped
   *   ended       inputEnded: nothing more is read; closed when what has arrived is answered
   *   upgraded    frames pass through to the WebSocket behind this
   */
  private final HttpServer server;
  private final ServerSettings settings;
  private final NettyPoller poller;
  private final Channel channel;
  private final ServerRequest.Peer peer;
  private final Callbacks callbacks;
  private final RequestDecoder decoder;
  private final Http1Responder responder;
  private final Http1Handling handling;
  private final Reading reading;
  private final BodyReceiver bodies;
  private final HeldMessages held;
  private final Lingering linger;
  private final Deadline deadline;
  private final long headerNanos;
  private final long idleNanos;

  private @Nullable ServerRequest current;
  private int requests;
  private boolean keepAlive;
  private boolean headBegun;
  private boolean blocked;
  private boolean inputShut;
  private boolean inputEnded;
  private boolean lingering;

  /**
   * A connection that is not in a pipeline yet.
   *
   * @param decoder which is
   * @param encoder which is, too
   */
  ServerConnection(
      HttpServer server,
      NettyPoller poller,
      Channel channel,
      RequestDecoder decoder,
      ResponseEncoder encoder) {
    this.server = server;
    this.poller = poller;
    this.channel = channel;
    this.decoder = decoder;
    callbacks = new Callbacks(poller, channel);
    settings = server.settings();
    InetSocketAddress address = (InetSocketAddress) channel.remoteAddress(); // later it may be gone
    peer =
        new ServerRequest.Peer(
            address == null ? new InetSocketAddress(0) : address, settings.tls() != null);
    responder = new Http1Responder(server, poller, channel, encoder, settings, callbacks);
    handling = new Http1Handling(server, poller, channel, responder, callbacks, this);
    deadline = new Deadline(poller.loop(), callbacks.guarded(this::deadlinePassed));
    linger = new Lingering(poller.loop(), channel, this::close);
    reading = new Reading(poller.loop(), channel);
    decoder.reading(reading);
    headerNanos = Deadline.nanos(settings.headerTimeout());
    idleNanos = Deadline.nanos(settings.idleTimeout());
    bodies =
        new BodyReceiver(
            poller.loop(),
            callbacks,
            reading,
            responder,
            deadline,
            Deadline.nanos(settings.bodyTimeout()));
    held = new HeldMessages(reading);
  }

  /** Who is at the other end. */
  ServerRequest.Peer peer() {
    return peer;
  }

  // ---- arriving

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    server.opened(this);
    deadline.set(headerNanos);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (handling.isUpgraded()) {
      context.fireChannelRead(message);
    } else if (inputEnded || !(message instanceof HttpObject object)) {
      ReferenceCountUtil.release(message);
    } else if (mustHold()) {
      held.add(object);
    } else {
      process(object);
    }
  }

  private boolean mustHold() {
    return blocked || !held.isEmpty() || (current != null && current.body().ended());
  }

  private void process(HttpObject message) {
    try {
      DecoderResult decoded = message.decoderResult();
      if (decoded.isFailure()) {
        refuse(RequestCheck.refusal(decoded.cause()));
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
    keepAlive = HttpUtil.isKeepAlive(head) && ++requests < settings.maxRequestsPerConnection();
    ServerRequest request;
    try {
      request =
          new ServerRequest(
              head.method().name(),
              head.uri(),
              Headers.NETTY.headers(head.headers()),
              head.protocolVersion().text(),
              bodies.expect(length, HttpUtil.is100ContinueExpected(head)),
              settings.maxBodyBytes(),
              peer);
    } catch (HttpStatusException e) {
      refuse(e);
      return;
    }
    current = request;
    handling.start(request);
  }

  private void arrived(HttpContent content) {
    boolean draining = bodies.draining();
    bodies.receive(content);
    if (draining && !bodies.draining()) {
      next();
    } else if (bodies.drainedTooMuch()) {
      linger();
    }
  }

  /** Answers what cannot be understood, after what came before it, and reads no further. */
  private void refuse(HttpStatusException refusal) {
    boolean draining = bodies.draining();
    endInput();
    if (current != null) {
      current.body().fail(refusal);
    } else if (draining) {
      linger();
    } else {
      responder.refuse(refusal);
      linger();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (!handling.isUpgraded()) {
      linger.received();
      lookForHead();
    }
    context.fireChannelReadComplete();
  }

  /** Has the time of a head that has begun run. What ends here may have been something else. */
  private void lookForHead() {
    if (current == null && !bodies.draining() && !headBegun && !inputEnded && seesHead()) {
      headBegun = true;
      if (requests > 0) {
        deadline.set(headerNanos); // the first one has to come that soon anyway
      }
    }
  }

  private boolean seesHead() {
    if (requests == 0) {
      Http2Detector detector = channel.pipeline().get(Http2Detector.class);
      if (detector != null) {
        return detector.undecided();
      }
    }
    return decoder.headBegun();
  }

  // ---- answering

  @Override
  public boolean keepsAlive(ServerRequest request, ServerResponse response) {
    boolean endsWithConnection =
        response.body() instanceof ResponseBody.Streamed streamed
            && streamed.length() < 0
            && !request.version().equals("HTTP/1.1");
    boolean drainable = request.body().ended() || bodies.drainable();
    keepAlive = keepAlive && !endsWithConnection && drainable && !server.closing();
    return keepAlive;
  }

  @Override
  public ByteBuf upgraded() {
    deadline.close();
    reading.resume();
    reading.close();
    if (inputShut) {
      callbacks.post(this::close); // after what has come; nobody will answer the rest
    }
    return decoder.takeRest();
  }

  @Override
  public void handled(ServerRequest request, @Nullable ServerResponse response) {
    if (!channel.isActive()) {
      current = null;
      return;
    }
    if (response != null) {
      responder.sendNow(request, response, keepsAlive(request, response));
    }
    finish(request);
  }

  /** The answer is on its way out; what comes next? */
  private void finish(ServerRequest request) {
    current = null;
    responder.reset();
    IncomingBody body = request.body();
    boolean received = body.ended();
    if (!received) {
      body.discard();
    }
    if (received && keepAlive) {
      next();
    } else if (keepAlive && bodies.drainable()) {
      bodies.drain();
    } else {
      endInput();
      held.drop();
      if (received) {
        responder.closeWhenSent();
      } else {
        linger();
      }
    }
  }

  /** Goes on with what has been held, or waits. */
  private void next() {
    if (channel.isWritable()) {
      goOn();
    } else {
      blocked = true; // who reads no answers gets no more of them
      responder.whenSent(this::goOn);
    }
  }

  private void goOn() {
    blocked = false;
    while (!held.isEmpty() && !inputEnded && (current == null || !current.body().ended())) {
      process(held.remove());
    }
    held.resume();
    if (current == null && !inputEnded) {
      decodeOn();
    }
    if (inputShut && current != null) {
      refuseCutOff();
    }
    if (current == null && !bodies.draining() && !inputEnded) {
      if (server.closing() || inputShut) {
        responder.closeWhenSent();
      } else {
        deadline.set(idleNanos);
        lookForHead();
      }
    }
  }

  /** If what has come so far asked for a WebSocket, the decoder waits to be told. */
  private void decodeOn() {
    ChannelHandlerContext place = channel.pipeline().context(decoder);
    if (place != null) {
      try {
        decoder.resume(place);
      } catch (Exception e) {
        channel.pipeline().fireExceptionCaught(e);
      }
    }
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
    } else if (bodies.draining()) {
      linger();
    } else if (headBegun) {
      refuse(new HttpStatusException(408, "expected a request within " + settings.headerTimeout()));
    } else {
      close();
    }
  }

  private void endInput() {
    inputEnded = true;
    bodies.stop();
  }

  private void linger() {
    if (!lingering) {
      lingering = true;
      endInput();
      responder.whenSent(linger::begin);
    }
  }

  @Override
  public void closeWhenIdle() {
    if (handling.isUpgraded()) {
      handling.goAway();
    } else if (current == null && held.isEmpty() && !inputEnded) {
      responder.closeWhenSent();
    }
  }

  @Override
  public void abort() {
    held.drop();
    handling.cancel("the HTTP server is closing");
    close();
  }

  @Override
  public void closeNow() {
    var _ = channel.close();
  }

  @Override
  public void close() {
    endInput();
    var _ = channel.close();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !inputShut) { // TLS ends, then TCP
      inputShutDown();
    }
    context.fireUserEventTriggered(event);
  }

  /** The client will send no more, but still wants the answers. */
  private void inputShutDown() {
    inputShut = true;
    if (handling.isUpgraded() || bodies.draining()) {
      close();
    } else if (current != null) {
      refuseCutOff();
    } else if (!mustHold()) {
      responder.closeWhenSent();
    }
  }

  /** All of the input is there: the rest of a body will not come. */
  private void refuseCutOff() {
    IncomingBody body = Objects.requireNonNull(current).body();
    if (!body.ended() && !inputEnded) {
      refuse(new HttpStatusException(400, "the body ended early, after " + body));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    endInput();
    deadline.close();
    reading.close();
    linger.stop();
    held.drop();
    responder.closed();
    if (handling.isUpgraded()) {
      context.fireChannelInactive(); // the WebSocket ends, and so does its handler
    } else {
      handling.cancel("the client has gone away");
    }
    server.closed(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (handling.isUpgraded()) {
      context.fireExceptionCaught(cause);
    } else {
      if (!(cause instanceof IOException || cause instanceof CodecException)) {
        Callbacks.report(poller.loop(), this, cause); // else the socket failed, or TLS
      }
      close(); // that is how the client learns
    }
  }

  /** The client speaks HTTP/2: another kind of connection takes the channel over. */
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (context.channel().isActive()) {
      deadline.close();
      reading.close();
      server.closed(this);
    }
  }

  @Override
  public String toString() {
    return "ServerConnection[" + peer.address() + (current == null ? "]" : ", " + current + "]");
  }
}
