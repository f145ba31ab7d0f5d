package dev.aioli.http.client;

import dev.aioli.http.wire.Origin;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import org.jspecify.annotations.Nullable;

/**
 * The response that is arriving on an HTTP/1.1 connection of the client, one after the other: what
 * its head says about the rest, and what is wrong if the rest does not come.
 */
final class Http1Response {
  private final Origin origin;
  private boolean informational;
  private boolean keepAlive;
  private boolean endsWithConnection;
  private long announced;

  Http1Response(Origin origin) {
    this.origin = origin;
  }

  /**
   * Takes a head.
   *
   * @return whether it is that of the response; else it is informational, and that one is to come
   */
  boolean head(Exchange exchange, HttpResponse head) {
    exchange.markAnswered(head.protocolVersion().text());
    int status = head.status().code();
    check(exchange, status);
    informational = head.status().codeClass() == HttpStatusClass.INFORMATIONAL && status != 101;
    if (informational) {
      Upload upload = exchange.upload();
      if (status == 100 && upload != null) {
        upload.proceed();
      }
      return false;
    }
    keepAlive = status != 101 && HttpUtil.isKeepAlive(head);
    announced = HttpUtil.getContentLength(head, -1L);
    endsWithConnection =
        announced < 0 && !HttpUtil.isTransferEncodingChunked(head) && !exchange.bodiless(status);
    return true;
  }

  private void check(Exchange exchange, int status) {
    if (status < 100 || status > 999) {
      throw new HttpException.ProtocolError(
          "expected a response with a status of three digits, found " + status + ": " + exchange,
          null);
    }
    if (status == 101 && !exchange.fields().contains(HttpHeaderNames.UPGRADE)) {
      throw new HttpException.ProtocolError(
          "expected a response, "
              + origin
              + " switches to another protocol (status 101) that was not asked for: "
              + exchange,
          null);
    }
  }

  /** Whether the latest head was informational, which has no body. */
  boolean informational() {
    return informational;
  }

  /**
   * Takes the end of a message.
   *
   * @return whether it is that of the response
   */
  boolean end() {
    boolean whole = !informational;
    informational = false;
    return whole;
  }

  /** Whether the server lets the connection be used again. */
  boolean keepAlive() {
    return keepAlive;
  }

  /** Whether nothing but the end of the connection will end the response. */
  boolean endsWithConnection() {
    return endsWithConnection;
  }

  /** How many bytes the body has; -1 if that is not known. */
  long announced() {
    return announced;
  }

  // ---- how it fails

  /** What came is no response, or not all of one. */
  HttpException malformed(Exchange exchange, Throwable cause) {
    return cause instanceof PrematureChannelClosureException
        ? disconnected(exchange, cause)
        : new HttpException.ProtocolError(
            "expected an HTTP/1.1 response, "
                + origin
                + " sent something else ("
                + cause.getMessage()
                + "): "
                + exchange,
            cause);
  }

  /** The connection has ended before the exchange. */
  HttpException disconnected(Exchange exchange, @Nullable Throwable cause) {
    return disconnected(exchange, false, cause);
  }

  /**
   * The connection has ended before the exchange.
   *
   * @param cutOff whether something had come, but not a whole line
   */
  HttpException disconnected(Exchange exchange, boolean cutOff, @Nullable Throwable cause) {
    return new HttpException.Disconnected(
        describeEnd(exchange, cutOff, Causes.reason(cause)), cause);
  }

  private String describeEnd(Exchange exchange, boolean cutOff, String reason) {
    if (!exchange.answered()) {
      return "expected a response, "
          + origin
          + (cutOff ? " sent no whole line and" : "")
          + " closed the connection"
          + reason
          + ": "
          + exchange;
    }
    String expected = announced >= 0 ? announced + " bytes" : "a body with an end";
    return "expected "
        + expected
        + ", "
        + origin
        + " closed the connection"
        + reason
        + " after "
        + exchange.received()
        + " bytes: "
        + exchange;
  }
}
