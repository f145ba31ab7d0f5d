package dev.aioli.cli;

import dev.aioli.TimeoutException;
import dev.aioli.http.client.HttpException;
import java.io.IOException;

/** The kinds of failures, by the names that results give them. */
enum ErrorType {
  /** An answer with a status of 400 or more. */
  STATUS("status", false),
  /** No answer in time. */
  TIMEOUT("timeout", true),
  /** No connection: unknown host, refused, a certificate that does not convince. */
  CONNECT("connect", true),
  /** The connection ended before the answer did. */
  DISCONNECTED("disconnected", true),
  /** The answer is not HTTP, or breaks its rules. */
  PROTOCOL("protocol", false),
  /** A redirect that cannot be followed, or one too many. */
  REDIRECT("redirect", false),
  /** The body is larger than {@code --max-body}. */
  BODY_TOO_LARGE("body-too-large", false),
  /** The body cannot be written to {@code --output-dir}. */
  FILE("file", false),
  /** The input is not a URL that can be asked for. */
  INPUT("input", false),
  /** Anything else. */
  OTHER("other", false);

  private final String text;
  private final boolean passing;

  ErrorType(String text, boolean passing) {
    this.text = text;
    this.passing = passing;
  }

  /** The name of the kind in a result. */
  String text() {
    return text;
  }

  /** Whether it may be gone when one tries again. */
  boolean isPassing() {
    return passing;
  }

  /** The kind of what a {@link Fetcher} threw. */
  static ErrorType of(Exception e) {
    return switch (e) {
      case TimeoutException _, HttpException.TimedOut _ -> TIMEOUT;
      case HttpException.ConnectFailed _ -> CONNECT;
      case HttpException.Disconnected _ -> DISCONNECTED;
      case HttpException.ProtocolError _ -> PROTOCOL;
      case HttpException.BadRedirect _ -> REDIRECT;
      case HttpException.BodyTooLarge _, BodyTooLargeException _ -> BODY_TOO_LARGE;
      case HttpException.InvalidUrl _ -> INPUT;
      case IOException _ -> FILE;
      default -> OTHER;
    };
  }
}
