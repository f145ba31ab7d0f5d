package dev.aioli.process;

/**
 * How a worker process ended.
 *
 * @param pid the process id that it had
 * @param status its exit status
 * @param errorTail the end of what it wrote to standard error
 */
record WorkerExit(long pid, int status, String errorTail) {
  /** For the middle of a sentence. */
  String describe() {
    String text = pid + " ended with exit status " + status + meaning();
    return errorTail.isBlank()
        ? text + "; it wrote nothing to standard error"
        : text + "; the end of its standard error:\n" + errorTail.stripTrailing();
  }

  private String meaning() {
    return switch (status) {
      case 3 -> " (what the JVM gives when it is out of memory)";
      case 128 + 6 -> " (aborted, signal 6: a crash of the JVM or of native code)";
      case 128 + 9 -> " (killed, signal 9)";
      case 128 + 11 -> " (segmentation fault, signal 11)";
      case 128 + 15 -> " (terminated, signal 15)";
      default -> "";
    };
  }
}
