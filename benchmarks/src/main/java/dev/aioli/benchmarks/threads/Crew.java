package dev.aioli.benchmarks.threads;

import dev.aioli.benchmarks.worker.Depth;
import dev.aioli.benchmarks.worker.Load;
import dev.aioli.benchmarks.worker.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;

/** Virtual threads that set off together; time counts from then until all have ended. */
final class Crew {
  private Crew() {}

  /** Measures a body for each thread, of which each does one operation a round. */
  static Sample measure(Load load, IntFunction<Depth.Body> bodies) throws InterruptedException {
    return measure(load, bodies, () -> {});
  }

  /** As {@link #measure(Load, IntFunction)}; the caller does something, too. */
  static Sample measure(Load load, IntFunction<Depth.Body> bodies, Depth.Body caller)
      throws InterruptedException {
    CountDownLatch here = new CountDownLatch(load.tasks());
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>(load.tasks());
    for (int i = 0; i < load.tasks(); i++) {
      Depth.Body body = bodies.apply(i);
      threads.add(
          start(() ->
              Depth.descend(
                  load.depth(),
                  () -> {
                    here.countDown();
                    go.await();
                    body.run();
                  })));
    }
    here.await();
    long start = System.nanoTime();
    go.countDown();
    try {
      caller.run();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return Sample.since(start, load.operations());
  }

  /** Starts a virtual thread. */
  static Thread start(Depth.Body body) {
    return Thread.startVirtualThread(() -> {
      try {
        body.run();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
  }

  /** Runs the body in a virtual thread, as a program would that has nothing else. */
  static Sample inThread(ThrowingSupplier body) throws InterruptedException {
    Sample[] sample = new Sample[1];
    start(() -> sample[0] = body.get()).join();
    if (sample[0] == null) {
      throw new IllegalStateException("it failed: its error has been printed");
    }
    return sample[0];
  }

  /** What gives a sample. */
  interface ThrowingSupplier {
    Sample get() throws Exception;
  }
}
