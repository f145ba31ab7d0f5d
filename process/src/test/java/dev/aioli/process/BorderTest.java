package dev.aioli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What crosses the border between the processes, and what does not. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class BorderTest {
  private static final int ROUNDS = 100;

  private record Inner(Object connection) implements Serializable {}

  private record Outer(String name, List<Inner> inners) implements Serializable {}

  private record Socketish() {}

  private static final class Bad extends RuntimeException {
    @SuppressWarnings("unused") // serialized
    private final Object connection = new Socketish();

    Bad() {
      super("it went wrong");
    }
  }

  private static final class Unreadable implements Serializable {
    private void readObject(ObjectInputStream in) throws IOException {
      throw new IOException("not today");
    }
  }

  private static Throwable failure(JobFuture<?> job) {
    Throwable thrown = catchThrowable(job::get);
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return thrown.getCause();
  }

  @Test
  void whatCannotBeSerializedFailsItsJobOnly() throws Exception {
    Object plain = new Object();
    try (var pool = ProcessPoolExecutor.create(1)) {
      long pid = pool.submit(Jobs::pid).get();
      for (int round = 0; round < ROUNDS; round++) {
        assertThat(failure(pool.submit(() -> plain.hashCode())))
            .isInstanceOf(JobSerializationException.class);
        assertThat(failure(pool.submit(() -> new Object())))
            .isInstanceOf(JobSerializationException.class);
        assertThat(
                failure(
                    pool.submit(() -> {
                      throw new Bad();
                    })))
            .isInstanceOf(JobSerializationException.class);
        assertThat(failure(pool.submit(() -> new Unreadable())))
            .isInstanceOf(JobSerializationException.class);
        Unreadable argument = new Unreadable();
        assertThat(failure(pool.submit(() -> argument.toString())))
            .isInstanceOf(JobSerializationException.class);
        assertThat(pool.submit(Jobs::pid).get()).isEqualTo(pid);
      }
    }
  }

  @Test
  void theMessageGivesThePathToTheCulprit() {
    Outer argument =
        new Outer("outer", new ArrayList<>(List.of(new Inner(1), new Inner(new Socketish()))));
    try (var pool = ProcessPoolExecutor.create(1)) {
      String type = BorderTest.class.getName();
      assertThat(failure(pool.submit(() -> argument.name())))
          .hasMessage(
              "the job cannot be serialized: "
                  + type
                  + "$Socketish is not Serializable; found at: lambda in "
                  + type
                  + " captured argument 0 -> "
                  + type
                  + "$Outer.inners -> java.util.ArrayList"
                  + "[1] -> "
                  + type
                  + "$Inner.connection -> "
                  + type
                  + "$Socketish");
      assertThat(failure(pool.submit(() -> new ArrayList<>(List.of(1, new Socketish())))))
          .hasMessageContaining("the result cannot be serialized")
          .hasMessageContaining("found at: java.util.ArrayList[1] -> " + type + "$Socketish");
      assertThat(
              failure(pool.submit(() -> new java.util.HashMap<>(Map.of("key", new Socketish())))))
          .hasMessageContaining("found at: java.util.HashMap{key} -> " + type + "$Socketish");
      assertThat(
              failure(
                  pool.submit(() -> {
                    throw new Bad();
                  })))
          .hasMessageContaining("the exception " + type + "$Bad: it went wrong cannot be")
          .hasMessageContaining("found at: " + type + "$Bad.connection -> ")
          .hasStackTraceContaining("BorderTest.lambda");
    }
  }

  @Test
  void aLambdaThatIsNoJobIsToldHowToBecomeOne() {
    Callable<Integer> plain = () -> 1;
    try (var pool = ProcessPoolExecutor.create(1)) {
      assertThat(failure(pool.submit(plain))).hasMessageContaining("Job.of");
    }
  }

  @Test
  void aStructureTooDeepForSerializationFailsItsJobOnly() throws Exception {
    try (var pool = ProcessPoolExecutor.create(1)) {
      Inner deep = new Inner(null);
      for (int i = 0; i < 100_000; i++) {
        deep = new Inner(deep);
      }
      Inner argument = deep;
      assertThat(failure(pool.submit(() -> argument.hashCode())))
          .isInstanceOf(JobSerializationException.class)
          .hasCauseInstanceOf(StackOverflowError.class);
      assertThat(pool.submit(() -> 7).get()).isEqualTo(7);
    }
  }

  @Test
  void aResultOfAHundredMebibytesArrives() throws Exception {
    try (var pool = ProcessPoolExecutor.create(1)) {
      int size = 100 * 1024 * 1024;
      byte[] result =
          pool.submit(
                  () -> {
                    byte[] bytes = new byte[size];
                    bytes[size - 1] = 7;
                    return bytes;
                  })
              .get();
      assertThat(result.length).isEqualTo(size);
      assertThat(result[size - 1]).isEqualTo((byte) 7);
    }
  }

  @Test
  void aWorkerPrintsTenMebibytesOnBothPipes() throws Exception {
    Count out = new Count();
    Count err = new Count();
    int line = 1024;
    int lines = 10 * 1024;
    try (var pool =
        ProcessPoolExecutor.builder().size(1).standardOutput(out).standardError(err).build()) {
      pool.submit(
              () -> {
                String text = "x".repeat(line - 1) + "\n";
                for (int i = 0; i < lines; i++) {
                  System.err.print(text);
                  System.out.print(text);
                }
              })
          .get();
    }
    out.await(line * lines);
    err.await(line * lines);
  }

  @Test
  void anOutputThatThrowsHoldsNoWorkerUp() throws Exception {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("disk full");
          }
        };
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(broken).build()) {
      assertThat(pool.submit(() -> print(1 << 20)).get()).isEqualTo(7);
    }
  }

  private static int print(int count) {
    System.out.println("x".repeat(count));
    return 7;
  }

  @Test
  void workersThatCannotStartBreakThePool() {
    var pool =
        ProcessPoolExecutor.builder()
            .size(1)
            .jvmOptions("-XX:+NoSuchOption")
            .standardError(new ByteArrayOutputStream())
            .build();
    JobFuture<Integer> first = pool.submit(() -> 1);
    assertThat(failure(first))
        .isInstanceOf(BrokenProcessPoolException.class)
        .hasMessageContaining("NoSuchOption");
    assertThatThrownBy(() -> pool.submit(() -> 2)).isInstanceOf(BrokenProcessPoolException.class);
    pool.close();
  }

  @Test
  void anInitializerThatFailsBreaksThePool() {
    var pool =
        ProcessPoolExecutor.builder()
            .size(1)
            .initializer(() -> {
              throw new IllegalStateException("no licence");
            })
            .build();
    List<JobFuture<Integer>> jobs = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      try {
        jobs.add(pool.submit(() -> 1));
      } catch (BrokenProcessPoolException e) {
        break; // already
      }
    }
    for (JobFuture<Integer> job : jobs) {
      assertThat(failure(job))
          .isInstanceOf(BrokenProcessPoolException.class)
          .hasMessageContaining("no licence")
          .hasStackTraceContaining("BorderTest");
    }
    pool.close();
  }

  @Test
  void aStartThatTakesTooLongBreaksThePool() {
    var pool =
        ProcessPoolExecutor.builder().size(1).startTimeout(java.time.Duration.ofMillis(1)).build();
    assertThat(failure(pool.submit(() -> 1)))
        .isInstanceOf(BrokenProcessPoolException.class)
        .hasMessageContaining("ready");
    pool.close();
  }

  /** Counts what is written. */
  private static final class Count extends OutputStream {
    private long count;

    @Override
    public synchronized void write(int b) {
      count++;
      notifyAll();
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      count += length;
      notifyAll();
    }

    synchronized void await(long expected) throws InterruptedException {
      while (count < expected) {
        wait();
      }
      assertThat(count).isEqualTo(expected);
    }
  }
}
