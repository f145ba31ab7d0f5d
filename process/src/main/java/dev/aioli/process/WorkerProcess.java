package dev.aioli.process;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A worker JVM, seen from the pool. Used by one thread; killed by any. */
final class WorkerProcess {
  /** How long a worker may take to end once it is asked to, or once its connection is lost. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** How long a dead worker's connection may stay open: some other process may hold it. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  private final Dispatcher dispatcher;
  private final Process process;
  private final OutputPump error;
  private final CountDownLatch ready = new CountDownLatch(1);

  // Touched by the worker's thread only.
  private @Nullable Frames frames;
  private int jobsRun;
  private boolean jobArrived;

  // Of any thread.
  private volatile @Nullable Closeable connection;
  private volatile boolean killed;

  private WorkerProcess(Dispatcher dispatcher, Process process, OutputPump error) {
    this.dispatcher = dispatcher;
    this.process = process;
    this.error = error;
  }

  // ---- start

  /**
   * Starts a worker and waits until it is ready.
   *
   * @throws IOException if it does not start, or its initializer fails
   */
  static WorkerProcess start(Dispatcher dispatcher, String name) throws IOException {
    Settings settings = dispatcher.settings();
    try (SocketFile socket = SocketFile.create();
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket.path()));
      Process process = WorkerCommand.of(settings, socket.path()).start();
      OutputPump.forward(
          process.getInputStream(), name + "-out", settings.standardOutput(), System.out);
      OutputPump error =
          OutputPump.forward(
              process.getErrorStream(), name + "-err", settings.standardError(), System.err);
      WorkerProcess worker = new WorkerProcess(dispatcher, process, error);
      worker.watch(server, settings.startTimeout());
      try {
        worker.connect(server, settings.initializer());
        return worker;
      } catch (IOException | RuntimeException e) {
        throw worker.failedStart(e);
      }
    }
  }

  /** Sees the end of the process, and of a start that takes too long. */
  private void watch(ServerSocketChannel server, Duration startTimeout) {
    connection = server;
    dispatcher.processStarted(this);
    Thread.ofVirtual().name("aioli-process-exit").start(this::awaitEnd);
    Thread.ofVirtual()
        .name("aioli-process-start")
        .start(() -> {
          if (!await(ready, startTimeout)) {
            kill();
          }
        });
  }

  private void awaitEnd() {
    try {
      process.waitFor();
      dispatcher.processEnded(this);
      // A worker that is dead before it connects leaves nobody to accept. Later, the end of the
      // connection has told its thread already, unless a child of the worker holds that.
      if (ready.getCount() == 0) {
        Thread.sleep(LINGER);
      }
      close();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody knows this thread", e);
    }
  }

  private void connect(ServerSocketChannel server, Payload initializer) throws IOException {
    Frames opened = new Frames(server.accept());
    frames = opened;
    connection = opened;
    if (!process.isAlive()) {
      close(); // its end may have been seen before this connection was known
    }
    opened.send(Frames.Kind.INIT, initializer);
    Frames.Frame answer = opened.receive();
    if (answer.kind() != Frames.Kind.READY) {
      ClassLoader loader = WorkerProcess.class.getClassLoader();
      Object thrown = Payload.read(answer.payload(), "the initializer's exception", loader);
      throw new IOException(
          "the initializer of the worker failed: " + thrown,
          thrown instanceof Throwable cause ? cause : null);
    }
    ready.countDown();
  }

  private IOException failedStart(Exception reason) {
    boolean tooLate = killed;
    boolean failedAlone = !(reason instanceof IOException) || reason.getCause() != null;
    if (failedAlone) {
      destroy();
    }
    WorkerExit exit = awaitExit();
    ready.countDown();
    return failedAlone
        ? new IOException(reason.getMessage(), reason)
        : new IOException(
            "worker process "
                + exit.describe()
                + (tooLate ? "; it was killed before it was ready" : "; it was not ready yet"),
            reason);
  }

  // ---- jobs

  /**
   * Has the worker run a job and waits for the outcome.
   *
   * @throws IOException if the worker dies; {@link #jobArrived} says whether it had the job
   */
  Frames.Frame run(Payload job) throws IOException {
    Frames wire = frames;
    if (wire == null) {
      throw new IllegalStateException("not connected: " + this);
    }
    jobArrived = false;
    wire.send(Frames.Kind.JOB, job);
    Frames.Frame answer = wire.receive();
    if (answer.kind() != Frames.Kind.STARTED) {
      throw new IOException("expected STARTED, was " + answer.kind());
    }
    jobArrived = true;
    answer = wire.receive();
    jobsRun++;
    return answer;
  }

  /** Whether the worker had the whole of the last job, and so may have begun to run it. */
  boolean jobArrived() {
    return jobArrived;
  }

  int jobsRun() {
    return jobsRun;
  }

  /** Whether the process lives and nobody has killed it. */
  boolean isUsable() {
    return !killed && process.isAlive();
  }

  boolean wasKilled() {
    return killed;
  }

  long pid() {
    return process.pid();
  }

  // ---- the end

  /** Has the worker end by itself, after its job if it runs one; kills it if it does not. */
  void retire() {
    close();
    Thread.ofVirtual().name("aioli-process-retire").start(this::endWithinGrace);
  }

  /** Kills the process, at once and whatever it does. */
  void kill() {
    killed = true;
    destroy();
  }

  /** Asks the process to end, as SIGTERM does: its shutdown hooks run. */
  void terminate() {
    process.toHandle().destroy();
  }

  /** Waits for the end of a process whose connection is lost, which is not long. */
  WorkerExit awaitExit() {
    close();
    endWithinGrace();
    return new WorkerExit(process.pid(), process.exitValue(), error.awaitTail());
  }

  private void endWithinGrace() {
    boolean interrupted = false;
    boolean dead = false;
    while (!dead) {
      try {
        dead = process.waitFor(GRACE.toNanos(), TimeUnit.NANOSECONDS);
        if (!dead) {
          destroy();
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Process.destroyForcibly would close the pipes as well, and we want to read to the end. */
  private void destroy() {
    process.toHandle().destroyForcibly();
  }

  private void close() {
    Closeable present = connection;
    if (present != null) {
      try {
        present.close();
      } catch (IOException e) {
        // Closed all the same.
      }
    }
  }

  private static boolean await(CountDownLatch latch, Duration timeout) {
    try {
      return latch.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "WorkerProcess[" + process.pid() + "]";
  }
}
