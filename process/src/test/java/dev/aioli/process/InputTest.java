package dev.aioli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/** A worker's standard input is empty for everything in it and below it. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class InputTest {
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aProgramThatAJobStartsReadsAnEmptyInput() throws Exception {
    try (var pool = ProcessPoolExecutor.create(1)) {
      assertThat(pool.submit(() -> new ProcessBuilder("cat").inheritIO().start().waitFor()).get())
          .isZero();
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aShellThatAJobStartsReadsAnEmptyInputAsWell() throws Exception {
    Lines output = new Lines();
    try (var pool = ProcessPoolExecutor.builder().size(1).standardOutput(output).build()) {
      pool.submit(() ->
          new ProcessBuilder("sh", "-c", "read line || echo end").inheritIO().start().waitFor());
      assertThat(output.next()).isEqualTo("end");
    }
  }

  @Test
  void theDescriptorItselfIsEmptyAndMayBeClosed() throws Exception {
    try (var pool = ProcessPoolExecutor.create(1)) {
      long pid = pool.submit(Jobs::pid).get();
      assertThat(
              pool.submit(
                      () -> {
                        try (var in = new FileInputStream(FileDescriptor.in)) {
                          return in.read();
                        }
                      })
                  .get())
          .isEqualTo(-1);
      assertThat(pool.submit(Jobs::pid).get()).isEqualTo(pid); // no lifeline was cut
    }
  }
}
