package dev.aioli.process;

/**
 * The worker process of a job ended before the job did: it was killed, called {@code System.exit},
 * ran out of memory or crashed in native code. Only the job that it ran fails with this.
 */
public final class WorkerDiedException extends RuntimeException {
  private final long pid;
  private final int exitStatus;
  private final String errorTail;

  WorkerDiedException(WorkerExit exit) {
    super("worker process " + exit.describe());
    this.pid = exit.pid();
    this.exitStatus = exit.status();
    this.errorTail = exit.errorTail();
  }

  /** The process id that the worker had. */
  public long pid() {
    return pid;
  }

  /** Its exit status; of one that a signal killed, 128 and the number of the signal. */
  public int exitStatus() {
    return exitStatus;
  }

  /** The last lines, up to 4 KiB, that the worker wrote to its standard error; may be empty. */
  public String errorTail() {
    return errorTail;
  }
}
