package dev.aioli.net;

/** What feeds a {@link StreamReader}, and can be told to stop for a while. In the loop's turn. */
interface Pausable {
  /** Stops the flow to the reader; what is on its way may still come. */
  void pauseReading();

  /** Lets it flow again. */
  void resumeReading();
}
