package dev.aioli.process;

import java.io.IOException;
import java.time.Duration;

/** What a pool takes from its system, and may not get. Tests have one that runs out of it. */
interface Host {
  /** The system of this process. */
  Host SYSTEM = new Host() {};

  /**
   * Starts a daemon: a pool that nobody closed does not keep the JVM from ending.
   *
   * @throws OutOfMemoryError if the system has no more threads
   */
  default void startThread(String name, Runnable body) {
    Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name(name).start(body);
  }

  /**
   * Starts a thread for something that waits.
   *
   * @throws OutOfMemoryError if the system has no more threads
   */
  default void startVirtualThread(String name, Runnable body) {
    Thread.ofVirtual().name(name).start(body);
  }

  /**
   * Starts a process.
   *
   * @throws IOException if there is no such program, or no more processes or descriptors
   */
  default Process startProcess(ProcessBuilder command) throws IOException {
    return command.start();
  }

  /** How long a pool without a worker that lives bears that threads or descriptors are short. */
  default Duration patience() {
    return Duration.ofSeconds(10);
  }
}
