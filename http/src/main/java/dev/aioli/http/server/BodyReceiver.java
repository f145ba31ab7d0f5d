package dev.aioli.http.server;

import dev.aioli.EventLoop;
import dev.aioli.http.wire.Callbacks;
import dev.aioli.http.wire.Deadline;
import dev.aioli.http.wire.Reading;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Receives the bodies of one HTTP/1.1 connection, one after the other: no faster than the handler
 * takes them and no slower than the time limit has it, after telling a client to go on that waits
 * for that, and to the end even if nobody wants the rest.
 */
final class BodyReceiver implements IncomingBody.Source {
  /** So much of a body that nobody wants is read, to keep the connection. */
  private static final long MAX_DRAIN_BYTES = 256 * 1024;

  private final EventLoop loop;
  private final Callbacks callbacks;
  private final Reading reading;
  private final Http1Responder responder;
  private final Deadline deadline;
  private final long bodyNanos;
  private @Nullable IncomingBody body;
  private boolean awaitsContinue;
  private boolean draining;

  /**
   * A receiver that expects no body yet.
   *
   * @param deadline of the connection, which is set while more of a body is expected
   */
  BodyReceiver(
      EventLoop loop,
      Callbacks callbacks,
      Reading reading,
      Http1Responder responder,
      Deadline deadline,
      long bodyNanos) {
    this.loop = loop;
    this.callbacks = callbacks;
    this.reading = reading;
    this.responder = responder;
    this.deadline = deadline;
    this.bodyNanos = bodyNanos;
  }

  // ---- on the loop's thread

  /**
   * Expects the body of the next request.
   *
   * @param length -1 if it is not known
   * @param clientWaits whether the client sends it only when it is told to go on
   */
  IncomingBody expect(long length, boolean clientWaits) {
    IncomingBody expected = new IncomingBody(loop, this, length);
    body = expected;
    awaitsContinue = clientWaits;
    draining = false;
    if (length != 0 && !clientWaits) {
      deadline.set(bodyNanos);
    }
    return expected;
  }

  /** Takes a part. What comes when no body is expected belongs to a refused request. */
  void receive(HttpContent content) {
    IncomingBody expected = body;
    if (expected == null) {
      return;
    }
    expected.add(content.content());
    awaitsContinue = false;
    if (content instanceof LastHttpContent) {
      stop();
      expected.end();
    } else if (expected.full()) {
      deadline.clear(); // it is the handler that is slow
      reading.pausePatiently();
    } else {
      deadline.set(bodyNanos);
    }
  }

  /**
   * Whether the rest of the body is so little that it is better read than the connection closed.
   */
  boolean drainable() {
    return body != null && !awaitsContinue && body.remaining() <= MAX_DRAIN_BYTES;
  }

  /** Drops the rest as it comes. */
  void drain() {
    Objects.requireNonNull(body).discard();
    draining = true;
    deadline.set(bodyNanos);
    reading.resume();
  }

  /** Whether a rest that nobody wants is still coming. */
  boolean draining() {
    return draining;
  }

  /** Whether more of such a rest has come than the connection is worth. */
  boolean drainedTooMuch() {
    return draining && body != null && body.received() > MAX_DRAIN_BYTES;
  }

  /** Expects no more. */
  void stop() {
    body = null;
    draining = false;
    deadline.clear();
  }

  // ---- for the body, in the turn

  @Override
  public void wanted() {
    if (awaitsContinue) {
      awaitsContinue = false;
      if (!responder.headSent()) { // else it would be taken for a part of the answer
        responder.post(
            new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
      }
      callbacks.post(this::awaitMore);
    }
  }

  @Override
  public void resume() {
    callbacks.post(() -> {
      awaitMore();
      reading.resume();
    });
  }

  private void awaitMore() {
    if (body != null && !draining && !body.full()) {
      deadline.set(bodyNanos);
    }
  }
}
