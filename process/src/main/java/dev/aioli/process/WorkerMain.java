package dev.aioli.process;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
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
  static void main(String[] arguments) throws IOException {
    Thread.ofPlatform().daemon().name("aioli-worker-lifeline").start(WorkerMain::awaitEndOfPool);
    System.setIn(InputStream.nullInputStream());
    Interrupts.ignore();
    Thread.currentThread().setName("aioli-worker");
    UnixDomainSocketAddress pool = UnixDomainSocketAddress.of(Path.of(arguments[0]));
    try (Frames frames = new Frames(SocketChannel.open(pool))) {
      serve(frames);
    } catch (IOException e) {
      // The pool has closed the connection, or is gone.
    }
    exit();
  }

  /** Whatever becomes of the pool's process, the pipe to our standard input ends with it. */
  private static void awaitEndOfPool() {
    try (InputStream lifeline = new FileInputStream(FileDescriptor.in)) {
      while (lifeline.read() >= 0) {
        // Nothing is ever sent.
      }
    } catch (IOException e) {
      // Ended as well.
    }
    exit();
  }

  /** Ends this process; hooks that hang, or a job that holds their locks, do not keep it. */
  private static void exit() {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            Thread.sleep(HOOKS);
          } catch (InterruptedException e) {
            // Then now.
          }
          Runtime.getRuntime().halt(1);
        });
    System.exit(0);
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

  private static Outcome run(byte[] job, String what) {
    try {
      ClassLoader loader = ClassLoader.getSystemClassLoader();
      Object result = call(Payload.read(job, what, loader));
      return new Outcome(Frames.Kind.RESULT, Payload.of(result, "the result"));
    } catch (Throwable e) {
      return new Outcome(Frames.Kind.FAILURE, serialize(e));
    } finally {
      Thread.interrupted();
      System.out.flush();
      System.err.flush();
    }
  }

  private static @Nullable Object call(@Nullable Object job) throws Exception {
    if (job instanceof Callable<?> callable) {
      return callable.call();
    }
    if (job instanceof Runnable runnable) {
      runnable.run();
      return null;
    }
    throw new JobSerializationException("expected a job, was " + job, null);
  }

  private static Payload serialize(Throwable thrown) {
    try {
      return Payload.of(thrown, "the exception " + thrown);
    } catch (JobSerializationException e) {
      JobSerializationException instead =
          new JobSerializationException(String.valueOf(e.getMessage()), null);
      instead.setStackTrace(thrown.getStackTrace());
      return Payload.of(instead, "the exception");
    }
  }
}
