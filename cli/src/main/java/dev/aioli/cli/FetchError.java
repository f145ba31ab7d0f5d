package dev.aioli.cli;

/**
 * Why a URL has failed.
 *
 * @param type what kind of failure it is, for programs
 * @param message what happened, for people
 */
record FetchError(ErrorType type, String message) {
  /** From this status on, an answer says that the request failed. */
  static final int FIRST_ERROR_STATUS = 400;

  /** An answer that reports an error, as {@code curl --fail} sees it. */
  static FetchError status(int status) {
    return new FetchError(ErrorType.STATUS, "HTTP " + status);
  }
}
