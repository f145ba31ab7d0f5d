package dev.aioli.benchmarks.limit;

import dev.aioli.benchmarks.worker.Load;
import dev.aioli.benchmarks.worker.Sample;
import dev.aioli.benchmarks.worker.Worker;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

/**
 * Virtual threads whose scheduler is a plain queue, emptied by one thread: no tasks, no futures, no
 * cancellation. What Aioli does on top costs something, so this is its limit.
 */
public final class LimitWorker {
  private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
  private final Thread.Builder.OfVirtual threads;
  private int ended;

  private LimitWorker() {
    try {
      Class<?> builder = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder");
      Constructor<?> constructor = builder.getDeclaredConstructor(Executor.class);
      constructor.setAccessible(true);
      Executor scheduler = ready::add;
      threads =
          ((Thread.Builder.OfVirtual) constructor.newInstance(scheduler))
              .inheritInheritableThreadLocals(false);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("expected a virtual thread builder with a scheduler", e);
    }
  }

  /** Answers requests until the input ends. */
  public static void main(String[] args) throws IOException {
    Worker worker = new Worker(Worker.java());
    worker.add("yield", load -> new LimitWorker().yields(load));
    worker.add("spawn-await", load -> new LimitWorker().spawnAwait(load));
    worker.add("spawn-many", load -> new LimitWorker().spawnMany(load));
    worker.serve();
  }

  /** Runs what is ready, and what that makes ready, until nothing is. */
  private void runAll() {
    for (Runnable next = ready.poll(); next != null; next = ready.poll()) {
      next.run();
    }
  }

  private Sample yields(Load load) {
    for (int i = 0; i < load.tasks(); i++) {
      threads.start(() -> {
        Thread.yield(); // its start does not count
        for (int round = 0; round < load.rounds(); round++) {
          Thread.yield();
        }
      });
    }
    for (int i = 0; i < load.tasks(); i++) {
      ready.remove().run();
    }
    long start = System.nanoTime();
    runAll();
    return Sample.since(start, load.operations());
  }

  private Sample spawnAwait(Load load) {
    threads.start(() -> {
      Thread parent = Thread.currentThread();
      for (int round = 0; round < load.rounds(); round++) {
        boolean[] done = {false};
        threads.start(() -> {
          done[0] = true;
          LockSupport.unpark(parent);
        });
        while (!done[0]) {
          LockSupport.park();
        }
      }
    });
    long start = System.nanoTime();
    runAll();
    return Sample.since(start, load.rounds());
  }

  private Sample spawnMany(Load load) {
    long start = System.nanoTime();
    for (int round = 0; round < load.rounds(); round++) {
      ended = 0;
      for (int i = 0; i < load.tasks(); i++) {
        threads.start(() -> ended++);
      }
      runAll();
      if (ended != load.tasks()) {
        throw new IllegalStateException("expected " + load.tasks() + " to end, was " + ended);
      }
    }
    return Sample.since(start, load.operations());
  }
}
