package dev.aioli.http.client;

import dev.aioli.http.Headers;
import dev.aioli.http.client.HttpException.ProtocolError;
import dev.aioli.http.wire.Http2Fields;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** One exchange on an HTTP/2 connection of the client. In the loop's turn only. */
final class Http2ClientStream implements SilenceWatch.Watched {
  private static final String VERSION = "HTTP/2";

  private final Http2Connection connection;
  private final Exchange exchange;
  private final SilenceWatch silence;

  private int id;
  private boolean over;

  // Of the response that is arriving.
  private boolean headComplete;
  private boolean bodiless;
  private long announced = -1;
  private int unconsumed;

  Http2ClientStream(Http2Connection connection, Exchange exchange, Pool pool) {
    this.connection = connection;
    this.exchange = exchange;
    silence = new SilenceWatch(this, pool);
  }

  /** Its number; 0 until it has one. */
  int id() {
    return id;
  }

  void id(int newId) {
    id = newId;
  }

  Exchange exchange() {
    return exchange;
  }

  /** Whether the exchange has ended, one way or another. */
  boolean over() {
    return over;
  }

  @Override
  public @Nullable Exchange current() {
    return over ? null : exchange;
  }

  @Override
  public void silent(HttpException.TimedOut error) {
    connection.abort(exchange, error);
  }

  // ---- the request

  /** The head has been handed to the socket: the server has left room for one more request. */
  void sent() {
    exchange.markSent();
    Upload upload = exchange.upload();
    if (upload == null) {
      silence.awaitResponse();
    } else {
      upload.headSent();
    }
  }

  /** The whole of a body that a task wrote has been sent. */
  void bodySent() {
    if (!exchange.answered()) {
      silence.awaitResponse();
    }
  }

  // ---- the response

  /** Takes a head, an informational one, or trailers, which nobody asks for. */
  void head(Http2Headers head, boolean last) {
    if (!headComplete) {
      int status = status(head);
      exchange.markAnswered(VERSION);
      if (status < 200) {
        informational(status, last);
        return;
      }
      headComplete = true;
      silence.awaitBody();
      HttpHeaders fields = Http2Fields.received(head);
      announced = length(fields);
      exchange.onHead(status, Headers.NETTY.headers(fields), announced);
      bodiless = exchange.bodiless(status);
    }
    if (last) {
      complete();
    }
  }

  private int status(Http2Headers head) {
    CharSequence text = head.status();
    try {
      int status = text == null ? 0 : Integer.parseInt(text, 0, text.length(), 10);
      if (text != null && text.length() == 3 && status >= 100 && status != 101) {
        return status;
      }
    } catch (NumberFormatException e) {
      // as below
    }
    throw new ProtocolError(
        "expected a response with a status, found "
            + (text == null ? "none" : "'" + text + "'")
            + ": "
            + exchange,
        null);
  }

  private void informational(int status, boolean last) {
    if (last) {
      throw new ProtocolError("expected a response after status " + status + ": " + exchange, null);
    }
    Upload upload = exchange.upload();
    if (status == 100 && upload != null) {
      upload.proceed();
    }
  }

  private static long length(HttpHeaders fields) {
    String length = fields.get(HttpHeaderNames.CONTENT_LENGTH);
    return length == null ? -1 : Long.parseLong(length); // Netty has checked that it is a number
  }

  /**
   * Takes a part of the body.
   *
   * @return how much of the window is free again
   */
  int data(ByteBuf data, int padding, boolean last) {
    if (!headComplete) {
      throw new ProtocolError("expected a head, found a body: " + exchange, null);
    }
    int size = data.readableBytes() + padding;
    exchange.onChunk(data);
    if (last) {
      complete();
    } else if (exchange.full()) {
      silence.stop(); // it is not the server who keeps us waiting
      unconsumed += size;
      return 0;
    } else {
      silence.awaitBody();
    }
    return size;
  }

  /** How much has not been consumed; from here on it is. */
  int takeUnconsumed() {
    int bytes = unconsumed;
    unconsumed = 0;
    if (bytes > 0 && !over) {
      silence.awaitBody();
    }
    return bytes;
  }

  /** Whether the server waits for the reader. */
  boolean paused() {
    return unconsumed > 0;
  }

  private void complete() {
    if (announced > 0 && !bodiless && exchange.received() == 0) { // Netty checks the other cases
      throw new ProtocolError(
          "expected " + announced + " bytes, the response has no body: " + exchange, null);
    }
    finish();
    connection.completed(this);
    try {
      exchange.onEnd();
    } catch (HttpException e) {
      exchange.onError(e);
    }
  }

  /** Nothing more is expected of it. */
  void finish() {
    over = true;
    silence.stop();
  }

  // ---- how it fails

  /** Fails the body that is being sent, if one is. */
  void failUpload(HttpException error) {
    Upload upload = exchange.upload();
    if (upload != null) {
      upload.sink().fail(error);
    }
  }

  /** The server has ended it: in which way, as in "closed the connection". */
  HttpException disconnected(String ending, @Nullable Throwable cause) {
    return new HttpException.Disconnected(describeEnd(ending + Causes.reason(cause)), cause);
  }

  /** Its head could not be sent. */
  HttpException notSent(Throwable cause) {
    return cause instanceof Http2Exception && !(cause instanceof ClosedChannelException)
        ? new ProtocolError(
            "the request cannot be sent to "
                + connection.origin()
                + " ("
                + cause.getMessage()
                + "): "
                + exchange,
            cause)
        : disconnected("closed the connection", cause);
  }

  /** The server sent what is no response. */
  HttpException malformed(Throwable cause) {
    return new ProtocolError(
        "expected an HTTP/2 response, "
            + connection.origin()
            + " sent something else ("
            + cause.getMessage()
            + "): "
            + exchange,
        cause);
  }

  /** The connection has ended, for a reason if one is known. */
  HttpException ended(@Nullable Throwable cause) {
    return cause instanceof Http2Exception
        ? new ProtocolError(
            describeEnd("broke the rules of HTTP/2 (" + cause.getMessage() + ")"), cause)
        : disconnected("closed the connection", cause);
  }

  /** What was expected when it ended too early, and how it ended. */
  private String describeEnd(String ending) {
    if (!headComplete) {
      return "expected a response, " + connection.origin() + " " + ending + ": " + exchange;
    }
    return "expected "
        + (announced >= 0 ? announced + " bytes" : "a body with an end")
        + ", "
        + connection.origin()
        + " "
        + ending
        + " after "
        + exchange.received()
        + " bytes: "
        + exchange;
  }
}
