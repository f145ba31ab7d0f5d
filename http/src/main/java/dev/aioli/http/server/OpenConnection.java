package dev.aioli.http.server;

/** A connection as its server sees it, whatever it speaks. On the loop's thread. */
interface OpenConnection {
  /** Closes it once what has arrived is answered; at once if there is nothing. */
  void closeWhenIdle();

  /** Cancels what is being handled, and closes it. */
  void abort();

  /** Closes the socket and nothing else. */
  void closeNow();
}
