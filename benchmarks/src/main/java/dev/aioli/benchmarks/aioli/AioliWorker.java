package dev.aioli.benchmarks.aioli;

import dev.aioli.EventLoop;
import dev.aioli.benchmarks.worker.Worker;
import java.io.IOException;

/** Aioli, on the engine that {@code -Ddev.aioli.engine} says. */
public final class AioliWorker {
  private AioliWorker() {}

  /** Answers requests until the input ends. */
  public static void main(String[] args) throws IOException {
    String engine;
    try (EventLoop loop = EventLoop.newEventLoop()) {
      engine = loop.engine().toString();
    }
    Worker worker = new Worker(engine + ", " + Worker.java());
    TaskWorkloads.addTo(worker);
    SyncWorkloads.addTo(worker);
    QueueWorkloads.addTo(worker);
    ThreadWorkloads.addTo(worker);
    worker.serve();
  }
}
