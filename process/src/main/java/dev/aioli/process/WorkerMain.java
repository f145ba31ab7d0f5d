package dev.aioli.process;

import java.io.IOException;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The main class of a worker process. The protocol is drawn in {@link Frames}. */
final class WorkerMain {
  /** How long the shutdown hooks of an orphan may take. */
  private static final Duration HOOKS = Duration.ofSeconds(1);

  private WorkerMain() {}

  /**
   * Serves the pool until it closes the connection.
   *
   * @param arguments the address of the pool's socket
   */
  static void main(String[] arguments) {
    int status = 1;
    try {
      Interrupts.ignore();
      Thread.currentThread().setName("aioli-worker");
      serve(connect(Path.of(arguments[0])));
    } catch (IOException e) {
      status = 0; // the pool has closed the connection, or is gone
    } catch (Throwable e) {
      System.err.println("the worker failed: " + SafeText.of(e));
    } finally {
      exit(status); // also if the job left threads that would go on
    }
  }

  private static Frames connect(Path socket) throws IOException {
    try (StartFolder _ = new StartFolder(Objects.requireNonNull(socket.getParent()))) {
      UnixDomainSocketAddress pool = UnixDomainSocketAddress.of(socket);
      SocketChannel frames = SocketChannel.open(pool); // the pool accepts them in this order
      SocketChannel lifeline = SocketChannel.open(pool);
      Thread.ofPlatform()
          .daemon()
          .name("aioli-worker-lifeline")
          .start(() -> awaitEndOfPool(lifeline));
      return new Frames(frames);
    }
  }

  /** Whatever becomes of the pool's process, this connection ends with it, also during a job. */
  private static void awaitEndOfPool(SocketChannel lifeline) {
    try (lifeline) {
      ByteBuffer nothing = ByteBuffer.allocate(1);
      while (lifeline.read(nothing.clear()) >= 0) {
        // Nothing is ever sent.
      }
    } catch (IOException e) {
      // Ended as well.
    } finally {
      exit(0);
    }
  }

  /** Ends this process; hooks that hang, or a job that holds their locks, do not keep it. */
  private static void exit(int status) {
    try {
      Thread.ofPlatform().daemon().start(WorkerMain::haltAfterHooks);
    } catch (Throwable e) { // there is no thread to be had
      Runtime.getRuntime().halt(1);
    }
    System.exit(status);
  }

  private static void haltAfterHooks() {
    try {
      Thread.sleep(HOOKS);
    } catch (InterruptedException e) {
      // Then now.
    }
    Runtime.getRuntime().halt(1);
  }

  private static void serve(Frames frames) throws IOException {
    while (true) {
      Frames.Frame frame = frames.receive();
      switch (frame.kind()) {
        case INIT -> initialize(frames, frame.payload());
        case JOB -> {
          frames.send(Frames.Kind.STARTED);
          Outcome outcome = run(frame.payload(), "the job");
          frames.send(outcome.kind, outcome.payload);
        }
        default -> throw new IOException("expected INIT or JOB, was " + frame.kind());
      }
    }
  }

  private static void initialize(Frames frames, byte[] initializer) throws IOException {
    Outcome outcome =
        initializer.length == 0
            ? new Outcome(Frames.Kind.RESULT, Payload.EMPTY)
            : run(initializer, "the initializer");
    if (outcome.kind == Frames.Kind.RESULT) {
      frames.send(Frames.Kind.READY);
    } else {
      frames.send(outcome.kind, outcome.payload);
    }
  }

  private record Outcome(Frames.Kind kind, Payload payload) {}

  /** Runs a job; whatever its code does on the way, there is an outcome. */
  private static Outcome run(byte[] job, String what) {
    Outcome outcome;
    try {
      ClassLoader loader = ClassLoader.getSystemClassLoader();
      Object result = call(Payload.read(job, what, loader));
      outcome = new Outcome(Frames.Kind.RESULT, Payload.of(result, "the result"));
    } catch (Throwable e) {
      outcome = new Outcome(Frames.Kind.FAILURE, serialize(e));
    }
    flush(System.out);
    flush(System.err);
    Thread.interrupted(); // last: the code above is the job's, too
    return outcome;
  }

  private static @Nullable Object call(@Nullable Object job) throws Exception {
    if (job instanceof Callable<?> callable) {
      return callable.call();
    }
    if (job instanceof Runnable runnable) {
      runnable.run();
      return null;
    }
    throw new JobSerializationException("expected a job, was " + SafeText.of(job), null);
  }

  private static Payload serialize(Throwable thrown) {
    try {
      return Payload.of(thrown, "the exception " + SafeText.of(thrown));
    } catch (JobSerializationException e) {
      JobSerializationException instead =
          new JobSerializationException(String.valueOf(e.getMessage()), null);
      copyStack(thrown, instead);
      return Payload.of(instead, "the exception");
    }
  }

  private static void copyStack(Throwable from, Throwable to) {
    try {
      to.setStackTrace(from.getStackTrace());
    } catch (Throwable e) {
      // The exception has a stack trace of its own making; ours will do.
    }
  }

  /** A job may have put a stream of its own there, or none. */
  private static void flush(@Nullable PrintStream stream) {
    try {
      if (stream != null) {
        stream.flush();
      }
    } catch (Throwable e) {
      // What it printed is its own loss.
    }
  }
}
