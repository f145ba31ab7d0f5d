package dev.aioli.benchmarks.threads;

import dev.aioli.benchmarks.worker.Worker;
import java.io.IOException;

/** Virtual threads on the JDK's scheduler, with the fair variants of java.util.concurrent. */
public final class ThreadsWorker {
  private ThreadsWorker() {}

  /** Answers requests until the input ends. */
  public static void main(String[] args) throws IOException {
    Worker worker = new Worker(Worker.java());
    TaskWorkloads.addTo(worker);
    SyncWorkloads.addTo(worker);
    QueueWorkloads.addTo(worker);
    ThreadWorkloads.addTo(worker);
    worker.serve();
  }
}
