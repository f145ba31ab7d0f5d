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
import dev.aioli.http.wire.Callbacks;
import dev.aioli.http.wire.Deadline;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Has the requests of one HTTP/1.1 connection handled, each in a task of its own, in which its
 * answer is sent, too, if that takes a while, or a WebSocket talked to.
 */
final class Http1Handling {
  private static final int INTERNAL_ERROR = 1011;

  private final HttpServer server;
  private final NettyPoller poller;
  private final Channel channel;
  private final Http1Responder responder;
  private final Callbacks callbacks;
  private final Owner owner;
  private @Nullable Task<@Nullable ServerResponse> task;
  private @Nullable WebSocketFrames upgraded;
  private boolean cancelled;

  /** The connection, which knows what comes after the answer. */
  interface Owner {
    /** Decides whether the connection can be used after an answer. In the task. */
    boolean keepsAlive(ServerRequest request, ServerResponse response);

    /**
     * From here on the connection is a WebSocket. On the loop's thread.
     *
     * @return what has come behind the handshake
     */
    ByteBuf upgraded();

    /**
     * The handler is done. On the loop's thread.
     *
     * @param response what is still to be sent; null if it has been
     */
    void handled(ServerRequest request, @Nullable ServerResponse response);

    /** Nothing more can be said on the connection. */
    void close();
  }

  Http1Handling(
      HttpServer server,
      NettyPoller poller,
      Channel channel,
      Http1Responder responder,
      Callbacks callbacks,
      Owner owner) {
    this.server = server;
    this.poller = poller;
    this.channel = channel;
    this.responder = responder;
    this.callbacks = callbacks;
    this.owner = owner;
  }

  // ---- on the loop's thread

  /** Starts the task of a request; that of the one before has ended. */
  void start(ServerRequest request) {
    Task<@Nullable ServerResponse> handling = poller.loop().createTask(() -> answer(request));
    task = handling;
    handling.addDoneCallback(done -> callbacks.run(() -> ended(request, handling)));
  }

  /** Whether the connection is a WebSocket now. */
  boolean isUpgraded() {
    return upgraded != null;
  }

  /** Says good-bye to the peer of the WebSocket, if it is one. */
  void goAway() {
    if (upgraded != null) {
      upgraded.goAway();
    }
  }

  /** Cancels the task; no answer is sent any more. */
  void cancel(String reason) {
    cancelled = true;
    if (task != null) {
      task.cancel(reason);
    }
  }

  private void ended(ServerRequest request, Future<@Nullable ServerResponse> done) {
    task = null;
    boolean asked = done.cancelled() && cancelled;
    Throwable exception = asked ? null : Outcome.exception(done);
    if (exception != null) {
      report(request, exception, done);
    }
    if (asked || upgraded != null || (exception != null && responder.headSent())) {
      owner.close(); // in the middle of a body that is how the client learns
    } else if (exception != null) {
      owner.handled(request, ServerResponse.text(500, "500: the handler failed\n"));
    } else {
      owner.handled(request, done.result());
    }
  }

  private void report(ServerRequest request, Throwable exception, Future<?> done) {
    poller
        .loop()
        .callExceptionHandler(
            ExceptionContext.of("Exception in HTTP handler of " + request, exception)
                .withFuture(done));
  }

  // ---- in the task of a request

  /** Gives a response that can be sent at once; null if it has been sent. */
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
    responder.send(request, response, owner.keepsAlive(request, response));
    return null;
  }

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
            channel,
            upgrade.options(),
            handshake.deflate(),
            true,
            Deadline.nanos(server.settings().writeTimeout()));
    handshake.perform(
        poller,
        channel,
        frames,
        () -> {
          upgraded = frames;
          return owner.upgraded();
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
}
