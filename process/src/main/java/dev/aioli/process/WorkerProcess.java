package dev.aioli.process;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
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
  private final String name;
  private final Process process;
  private final OutputPump output;
  private final OutputPump error;
  private final CountDownLatch started = new CountDownLatch(1);

  // Touched by the worker's thread only.
  private @Nullable Frames frames;
  private int jobsRun;
  private boolean jobArrived;

  // Of any thread.
  private final List<Closeable> connections = new CopyOnWriteArrayList<>();
  private volatile boolean ready;
  private volatile boolean retired;
  private volatile boolean killed;

  private WorkerProcess(Dispatcher dispatcher, String name, Process process) {
    Settings settings = dispatcher.settings();
    this.dispatcher = dispatcher;
    this.name = name;
    this.process = process;
    this.output = new OutputPump(process.getInputStream(), settings.standardOutput(), System.out);
    this.error = new OutputPump(process.getErrorStream(), settings.standardError(), System.err);
  }

  // ---- start

  /**
   * Starts a worker and waits until it is ready.
   *
   * @throws StartException if it does not start, or its initializer fails
   */
  static WorkerProcess start(Dispatcher dispatcher, String name) throws StartException {
    try (StartFolder folder = StartFolder.create();
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(folder.socket()));
      ProcessBuilder command = WorkerCommand.of(dispatcher.settings(), folder).builder();
      Process process = dispatcher.host().startProcess(command);
      WorkerProcess worker = new WorkerProcess(dispatcher, name, process);
      try {
        worker.watch(server);
      } catch (Throwable e) { // no threads, most likely
        throw worker.failedStartHere(e);
      }
      worker.connect(server);
      return worker;
    } catch (StartException e) {
      throw e;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      throw StartException.here(e);
    }
  }

  /** Sees the end of the process, what it writes, and a start that takes too long. */
  private void watch(ServerSocketChannel server) {
    connections.add(server);
    if (!dispatcher.processStarted(this)) {
      kill();
    }
    Duration startTimeout = dispatcher.settings().startTimeout();
    dispatcher.host().startVirtualThread("aioli-process-exit", this::awaitEnd);
    dispatcher.startThread(name + "-out", output);
    dispatcher.startThread(name + "-err", error);
    dispatcher
        .host()
        .startVirtualThread(
            "aioli-process-start",
            () -> {
              if (!await(started, startTimeout)) {
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
      if (started.getCount() == 0) {
        Thread.sleep(LINGER);
      }
      close();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody knows this thread", e);
    }
  }

  private void connect(ServerSocketChannel server) throws StartException {
    Object failure;
    try {
      Frames opened = new Frames(accept(server));
      frames = opened;
      accept(server); // the lifeline: held open until the end
      opened.send(Frames.Kind.INIT, dispatcher.settings().initializer());
      Frames.Frame answer = opened.receive();
      if (answer.kind() == Frames.Kind.READY) {
        ready = true;
        started.countDown();
        return;
      }
      ClassLoader loader = WorkerProcess.class.getClassLoader();
      failure = Payload.read(answer.payload(), "the initializer's exception", loader);
    } catch (IOException e) {
      throw failedStart(e);
    } catch (RuntimeException | OutOfMemoryError e) {
      throw failedStartHere(e);
    }
    kill();
    awaitExit();
    started.countDown();
    throw StartException.ofInitializer(failure);
  }

  private SocketChannel accept(ServerSocketChannel server) throws IOException {
    SocketChannel connection = server.accept();
    connections.add(connection);
    if (!process.isAlive()) {
      close(); // its end may have been seen before this connection was known
    }
    return connection;
  }

  /** The process has ended, or ends now that its connections do. */
  private StartException failedStart(IOException reason) {
    boolean tooLate = killed;
    WorkerExit exit = awaitExit();
    started.countDown();
    return StartException.ofProcess(
        "worker process "
            + exit.describe()
            + (tooLate ? "; it was killed before it was ready" : "; it was not ready yet"),
        exit.errorTail(),
        reason);
  }

  /** It is this process that cannot go on. */
  private StartException failedStartHere(Throwable reason) {
    kill();
    output.giveUpIfIdle();
    error.giveUpIfIdle();
    awaitExit();
    started.countDown();
    dispatcher.processEnded(this); // nobody may be there to see it
    return StartException.here(reason);
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

  /** Whether the worker has been ready for jobs and lives. */
  boolean isReady() {
    return ready && process.isAlive();
  }

  /** Whether the process may get a job: it lives, and nobody has ended it. */
  boolean isUsable() {
    return !killed && !retired && process.isAlive();
  }

  /** Whether it has ended, and nobody here wanted that. */
  boolean isDeadByItself() {
    return !killed && !retired && !process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  // ---- the end

  /** Has the worker end by itself. Who waits for that kills it if it does not. */
  void retire() {
    retired = true;
    close();
  }

  /** Kills the process and what it has started, at once and whatever they do. */
  void kill() {
    killed = true;
    List<ProcessHandle> programs = Descendants.of(process.toHandle()); // before it loses them
    destroy();
    programs.forEach(ProcessHandle::destroyForcibly);
  }

  /** Asks the process to end, as SIGTERM does: its shutdown hooks run. */
  void terminate() {
    process.toHandle().destroy();
  }

  /** Has the process end, which is not long, and waits for that. */
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
    for (Closeable connection : connections) {
      try {
        connection.close();
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
