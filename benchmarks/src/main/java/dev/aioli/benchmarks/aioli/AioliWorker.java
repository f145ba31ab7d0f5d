package dev.aioli.benchmarks.aioli;

import dev.aioli.EventLoop;
import dev.aioli.benchmarks.worker.Worker;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Aioli, on the engine that {@code -Ddev.aioli.engine} says. */
public final class AioliWorker {
  private static final Logger LOG = Logger.getLogger("dev.aioli"); // or its level may be forgotten

  private AioliWorker() {}

  /** Answers requests until the input ends. */
  public static void main(String[] args) throws IOException {
    LOG.setLevel(Level.SEVERE); // the notes say which engine and Java it is
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
