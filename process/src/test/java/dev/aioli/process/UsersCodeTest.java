package dev.aioli.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Serializable;
import java.util.HashMap;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Code of the user's that is called on the way of an outcome costs its job, and no worker. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class UsersCodeTest {
  private final ProcessPoolExecutor pool = ProcessPoolExecutor.create(1);
  private long pid;

  @BeforeEach
  void startWorker() throws Exception {
    pid = pool.submit(Jobs::pid).get();
  }

  @AfterEach
  void workerIsStillThere() throws Exception {
    assertThat(pool.submit(Jobs::pid).get()).isEqualTo(pid);
    pool.close();
  }

  private static Throwable failure(JobFuture<?> job) {
    Throwable thrown = catchThrowable(job::get);
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    return thrown.getCause();
  }

  private static class Unspeakable extends RuntimeException {
    @Override
    public String getMessage() {
      throw new IllegalStateException("no words");
    }
  }

  private static final class UnspeakableAndUnserializable extends Unspeakable {
    @SuppressWarnings("unused") // serialized
    private final Object part = new Object();
  }

  private static final class Stackless extends RuntimeException {
    @SuppressWarnings("unused") // serialized
    private final Object part = new Object();

    @Override
    public StackTraceElement[] getStackTrace() {
      throw new IllegalStateException("no stack");
    }
  }

  private static final class Unwritable extends RuntimeException {
    private void writeObject(ObjectOutputStream out) throws IOException {
      throw new AssertionError("not written");
    }
  }

  private static final class Unreadable implements Serializable {
    private void readObject(ObjectInputStream in) throws IOException {
      throw new AssertionError("not read");
    }
  }

  private static final class Key implements Serializable {
    @Override
    public String toString() {
      throw new IllegalStateException("no name");
    }
  }

  private static Object fail(RuntimeException exception) {
    throw exception;
  }

  @Test
  void anExceptionWhoseMessageThrowsFailsItsJob() {
    assertThat(failure(pool.submit(() -> fail(new Unspeakable()))))
        .isInstanceOf(JobSerializationException.class)
        .hasMessageContaining("Unspeakable (its toString failed with ")
        .hasStackTraceContaining("UsersCodeTest");
  }

  @Test
  void anExceptionThatCannotEvenBeNamedFailsItsJob() {
    assertThat(failure(pool.submit(() -> fail(new UnspeakableAndUnserializable()))))
        .isInstanceOf(JobSerializationException.class)
        .hasMessageContaining("java.lang.Object is not Serializable");
    assertThat(failure(pool.submit(() -> fail(new Stackless()))))
        .isInstanceOf(JobSerializationException.class)
        .hasMessageContaining("java.lang.Object is not Serializable");
  }

  @Test
  void anErrorInWriteObjectFailsItsJob() {
    assertThat(failure(pool.submit(() -> fail(new Unwritable()))))
        .isInstanceOf(JobSerializationException.class)
        .hasMessageContaining("not written");
    assertThat(failure(pool.submit(() -> new Unwritable())))
        .isInstanceOf(JobSerializationException.class)
        .hasMessageContaining("the result cannot be serialized");
  }

  @Test
  void anErrorInTheWriteObjectOfAnArgumentFailsItsFuture() {
    Unwritable argument = new Unwritable();
    assertThat(failure(pool.submit(() -> argument.hashCode())))
        .isInstanceOf(JobSerializationException.class)
        .hasMessageContaining("not written")
        .hasCauseInstanceOf(AssertionError.class);
  }

  @Test
  void anErrorInReadObjectFailsItsJobOnEitherSide() {
    Unreadable argument = new Unreadable();
    assertThat(failure(pool.submit(() -> argument.hashCode())))
        .isInstanceOf(JobSerializationException.class)
        .hasMessageContaining("not read");
    assertThat(failure(pool.submit(() -> new Unreadable())))
        .isInstanceOf(JobSerializationException.class)
        .hasMessageContaining("not read");
  }

  @Test
  void aKeyWhoseNameThrowsIsNamedByItsClass() {
    assertThat(
            failure(
                pool.submit(() -> {
                  HashMap<Key, Object> map = new HashMap<>();
                  map.put(new Key(), new Object());
                  return map;
                })))
        .isInstanceOf(JobSerializationException.class)
        .hasMessageContaining("Key (its toString failed with ");
  }

  @Test
  void aJobMayTakeTheOutputsAway() throws Exception {
    assertThat(
            pool.submit(
                    () -> {
                      System.setOut(null);
                      System.setErr(null);
                      return 1;
                    })
                .get())
        .isEqualTo(1);
  }

  @Test
  void aJobMaySetAnOutputThatCannotBeFlushed() throws Exception {
    assertThat(
            pool.submit(
                    () -> {
                      System.setOut(new Unflushable());
                      return 1;
                    })
                .get())
        .isEqualTo(1);
  }

  private static final class Unflushable extends PrintStream {
    Unflushable() {
      super(OutputStream.nullOutputStream());
    }

    @Override
    public void flush() {
      Thread.currentThread().interrupt(); // which would close the connection
      throw new AssertionError("not flushed");
    }
  }

  @Test
  void aSinkThatThrowsAnErrorHoldsNoWorkerUp() throws Exception {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new AssertionError("no");
          }
        };
    try (var other = ProcessPoolExecutor.builder().size(1).standardOutput(broken).build()) {
      int size = 1 << 20; // more than a pipe holds
      assertThat(
              other
                  .submit(() -> {
                    System.out.println("x".repeat(size));
                    return 7;
                  })
                  .get())
          .isEqualTo(7);
    }
  }

  @Test
  void anInitializerWhoseExceptionCannotBeNamedBreaksThePool() {
    try (var other =
        ProcessPoolExecutor.builder()
            .size(1)
            .initializer(() -> {
              throw new Unspeakable();
            })
            .build()) {
      JobFuture<Integer> job = other.submit(() -> 1);
      assertThatThrownBy(job::get)
          .hasCauseInstanceOf(BrokenProcessPoolException.class)
          .hasMessageContaining("Unspeakable (its toString failed with ");
    }
  }
}
