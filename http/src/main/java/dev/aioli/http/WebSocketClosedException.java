package dev.aioli.http;

/** A WebSocket cannot be used any more: it is closed, or its connection is lost. */
public final class WebSocketClosedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /** One with the code and the reason of the side that closed first. */
  public WebSocketClosedException(int code, String reason) {
    super("the WebSocket is closed: " + code + (reason.isEmpty() ? "" : " (" + reason + ")"));
    this.code = code;
  }

  /** As {@link WebSocket#closeCode}. */
  public int code() {
    return code;
  }
}
