package dev.aioli.process;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What jobs of the tests do, and what the tests do to their workers. */
final class Jobs {
  private Jobs() {}

  static long pid() {
    return ProcessHandle.current().pid();
  }

  /** Prints the process id, which says that the job runs, and never ends. */
  static <T> T blockForEver() throws InterruptedException {
    System.out.println(pid());
    new CountDownLatch(1).await();
    throw new AssertionError();
  }

  /** Waits in a job or an action, which nobody interrupts. */
  static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Kills as {@code kill -9} does, and waits for the end. */
  static void kill(long pid) {
    ProcessHandle.of(pid)
        .ifPresent(process -> {
          process.destroyForcibly();
          awaitEnd(pid);
        });
  }

  static void awaitEnd(long pid) {
    ProcessHandle.of(pid)
        .ifPresent(process -> process.onExit().orTimeout(30, TimeUnit.SECONDS).join());
  }

  static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Sends a signal that Java has no method for. */
  static void signal(String name, long pid) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).inheritIO().start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("kill -" + name + " " + pid + " failed");
    }
  }

  /** Waits until a thread is inside a method. */
  static void awaitInside(Thread thread, Class<?> type, String method) {
    while (true) {
      for (StackTraceElement frame : thread.getStackTrace()) {
        if (frame.getClassName().equals(type.getName()) && frame.getMethodName().equals(method)) {
          return;
        }
      }
      if (!thread.isAlive()) {
        throw new AssertionError(thread + " has ended");
      }
      Thread.onSpinWait();
    }
  }

  /** The thread of the pool that serves its first worker. */
  static Thread firstWorker() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("aioli-process-1"))
        .findAny()
        .orElseThrow();
  }
}
