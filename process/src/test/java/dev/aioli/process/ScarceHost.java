package dev.aioli.process;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A system that has no thread, or no process, when a test says so. */
final class ScarceHost implements Host {
  final AtomicInteger processesAsked = new AtomicInteger();

  private volatile Predicate<String> refusedThreads = name -> false;
  private volatile BeforeStart beforeStart = number -> {};
  private volatile AfterStart afterStart = process -> {};
  private volatile Duration patience = Host.super.patience();

  /** What happens when a process is wanted; an exception is the system's. */
  interface BeforeStart {
    void wanted(int number) throws IOException;
  }

  interface AfterStart {
    void started(Process process) throws IOException;
  }

  ScarceHost refuseThreads(Predicate<String> names) {
    refusedThreads = names;
    return this;
  }

  ScarceHost beforeStart(BeforeStart action) {
    beforeStart = action;
    return this;
  }

  ScarceHost afterStart(AfterStart action) {
    afterStart = action;
    return this;
  }

  ScarceHost patience(Duration duration) {
    patience = duration;
    return this;
  }

  static IOException noDescriptors() {
    return new IOException("Cannot run program \"java\": error=24, zu viele offene Dateien");
  }

  @Override
  public void startThread(String name, Runnable body) {
    check(name);
    Host.super.startThread(name, body);
  }

  @Override
  public void startVirtualThread(String name, Runnable body) {
    check(name);
    Host.super.startVirtualThread(name, body);
  }

  private void check(String name) {
    if (refusedThreads.test(name)) {
      throw new OutOfMemoryError("unable to create native thread");
    }
  }

  @Override
  public Process startProcess(ProcessBuilder command) throws IOException {
    beforeStart.wanted(processesAsked.incrementAndGet());
    Process process = Host.super.startProcess(command);
    afterStart.started(process);
    return process;
  }

  @Override
  public Duration patience() {
    return patience;
  }
}
