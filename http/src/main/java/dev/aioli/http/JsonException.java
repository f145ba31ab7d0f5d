package dev.aioli.http;

/**
 * What is not JSON, or does not fit the class that was asked for; or an object that cannot be
 * written as JSON. Its cause is what the {@link JsonCodec} met.
 */
public final class JsonException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One with what is wrong, and what the library threw. */
  public JsonException(String message, Throwable cause) {
    super(message, cause);
  }
}
