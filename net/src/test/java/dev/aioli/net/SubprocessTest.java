package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.TimeoutException;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeak.class)
@DisabledOnOs(OS.WINDOWS)
class SubprocessTest {
  private static final SubprocessOptions CAPTURE = SubprocessOptions.CAPTURE;
  private static final SubprocessOptions BOTH_WAYS = CAPTURE.withStdin(Stdio.PIPE);

  /** No thread of a pipe and no child outlives its test. */
  @AfterEach
  void nothingIsLeft() throws Exception {
    for (int i = 0; i < 1000 && !(pipeThreads().isEmpty() && children() == 0); i++) {
      Thread.sleep(10);
    }
    assertThat(pipeThreads()).isEmpty();
    assertThat(children()).isZero();
  }

  private static List<String> pipeThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("aioli-pipe-"))
        .toList();
  }

  private static long children() {
    return ProcessHandle.current().children().count();
  }

  private static Subprocess shell(SubprocessOptions options, String command) throws IOException {
    return Subprocess.createSubprocessShell(options, command);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void communicateReadsBothOutputs() {
    run(() -> {
      var process = shell(CAPTURE, "echo out; echo err >&2; exit 3");
      var output = process.communicate(null);
      assertThat(output.stdoutText()).isEqualTo("out\n");
      assertThat(output.stderrText()).isEqualTo("err\n");
      assertThat(process.returncode()).isEqualTo(3);
      assertThat(process.await()).isEqualTo(3);
      assertThat(process.pid()).isPositive();
      assertThat(process).hasToString("Subprocess[" + process.pid() + ", returncode=3]");
    });
  }

  @Test
  void communicateWritesTheInputAndClosesIt() {
    run(() -> {
      var process = Subprocess.createSubprocessExec(BOTH_WAYS, "tr", "a-z", "A-Z");
      assertThat(process.communicate(bytes("hello")).stdoutText()).isEqualTo("HELLO");
      assertThat(process.returncode()).isZero();
      assertThat(process.stdin().isClosing()).isTrue();
    });
  }

  @Test
  void tenMebibytesOnBothPipesAndOnInputDoNotDeadlock() {
    int size = 10 << 20;
    run(() -> {
      var process = shell(BOTH_WAYS, "head -c " + size + " /dev/zero >&2 & cat; wait");
      var output = process.communicate(new byte[size]);
      assertThat(output.stdout()).hasSize(size);
      assertThat(output.stderr()).hasSize(size);
      assertThat(process.returncode()).isZero();
    });
  }

  @Test
  void aProgramThatDoesNotReadItsInputIsNoError() {
    run(() -> {
      var process = shell(BOTH_WAYS, "echo done");
      assertThat(process.communicate(new byte[10 << 20]).stdoutText()).isEqualTo("done\n");
    });
  }

  @Test
  void aConversation() {
    run(() -> {
      var process = Subprocess.createSubprocessExec(BOTH_WAYS, "cat");
      for (int i = 0; i < 3; i++) {
        process.stdin().write(bytes("line " + i + "\n"));
        process.stdin().drain();
        assertThat(new String(process.stdout().readline(), UTF_8)).isEqualTo("line " + i + "\n");
      }
      assertThat(process.returncode()).isNull();
      process.stdin().writeEof();
      process.stdin().waitClosed();
      assertThat(process.stdout().read()).isEmpty();
      assertThat(process.await()).isZero();
      assertThatThrownBy(() -> process.stdin().startTls(null))
          .isInstanceOf(NullPointerException.class);
    });
  }

  @Test
  void aReaderThatIsSlowStopsTheProgram() {
    run(() -> {
      var process = shell(CAPTURE.withLimit(1000), "head -c 5000000 /dev/zero");
      StreamReader output = process.stdout();
      while (!output.isPaused()) {
        sleep(Duration.ZERO);
      }
      for (int i = 0; i < 50; i++) {
        sleep(Duration.ofMillis(1));
      }
      assertThat(output.toString()).contains("paused");
      assertThat(process.returncode()).isNull();
      assertThat(output.read()).hasSize(5_000_000);
      assertThat(process.await()).isZero();
    });
  }

  @Test
  void writingToAProgramThatHasEndedFails() {
    run(() -> {
      var process = Subprocess.createSubprocessExec(BOTH_WAYS, "true");
      process.stdin().write(new byte[10 << 20]);
      assertThatThrownBy(process.stdin()::drain).isInstanceOf(IOException.class);
      assertThatThrownBy(process.stdin()::waitClosed).isInstanceOf(IOException.class);
      process.await();
    });
  }

  // ---- where the streams go

  @Test
  void filesNothingAndOneStreamForBoth(@TempDir Path folder) throws Exception {
    Path in = folder.resolve("in");
    Path out = folder.resolve("out");
    Files.writeString(in, "from a file");
    run(() -> {
      var toFile =
          Subprocess.createSubprocessExec(
              SubprocessOptions.DEFAULT.withStdin(Stdio.file(in)).withStdout(Stdio.file(out)),
              "cat");
      assertThat(toFile.await()).isZero();
      assertThat(toFile.stdout()).isNull();
      assertThat(toFile.stdin()).isNull();

      var appended =
          shell(
              SubprocessOptions.DEFAULT
                  .withStdin(Stdio.DEVNULL)
                  .withStdout(Stdio.append(out))
                  .withStderr(Stdio.DEVNULL),
              "echo; cat; echo lost >&2");
      assertThat(appended.await()).isZero();

      var joined =
          shell(CAPTURE.withStderr(Stdio.STDOUT), "echo out; echo err >&2").communicate(null);
      assertThat(joined.stdoutText()).isEqualTo("out\nerr\n");
      assertThat(joined.stderr()).isNull();
      assertThat(joined.stderrText()).isEmpty();
    });
    assertThat(out).hasContent("from a file\n");
  }

  @Test
  void directoryAndEnvironment(@TempDir Path folder) {
    run(() -> {
      var process =
          shell(
              CAPTURE.withCwd(folder).withEnv(Map.of("GREETING", "hello")),
              "pwd -P; echo $GREETING $HOME");
      assertThat(process.communicate(null).stdoutText())
          .isEqualTo(folder.toRealPath() + "\nhello\n");
    });
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    assertThatThrownBy(() -> CAPTURE.withStdin(Stdio.STDOUT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected what can be stdin, found STDOUT");
    assertThatThrownBy(() -> CAPTURE.withStdout(Stdio.STDOUT))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CAPTURE.withLimit(0)).isInstanceOf(IllegalArgumentException.class);
    run(() -> {
      assertThatThrownBy(() -> Subprocess.createSubprocessExec("no-such-program"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no-such-program");
      assertThatThrownBy(() ->
              Subprocess.createSubprocessExec(CAPTURE.withCwd(Path.of("/no/such/folder")), "true"))
          .isInstanceOf(IOException.class);
      var process = shell(CAPTURE, "true");
      assertThatThrownBy(() -> process.communicate(bytes("x")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is no pipe");
      process.await();
    });
  }

  // ---- signals and ends

  @Test
  void signalsAndTheirReturncodes() {
    run(() -> {
      var terminated = Subprocess.createSubprocessExec("sleep", "100");
      terminated.terminate();
      assertThat(terminated.await()).isEqualTo(128 + 15);

      var killed = Subprocess.createSubprocessExec("sleep", "100");
      killed.sendSignal(9);
      assertThat(killed.await()).isEqualTo(128 + 9);

      var caught =
          shell(CAPTURE, "trap 'echo usr1; exit 7' USR1; echo ready; while :; do sleep 0.01; done");
      assertThat(new String(caught.stdout().readline(), UTF_8)).isEqualTo("ready\n");
      caught.sendSignal(10);
      assertThat(new String(caught.stdout().readline(), UTF_8)).isEqualTo("usr1\n");
      assertThat(caught.await()).isEqualTo(7);

      assertThatThrownBy(() -> caught.sendSignal(0)).isInstanceOf(IllegalArgumentException.class);
      caught.sendSignal(10);
      caught.terminate();
      caught.kill();
    });
  }

  @Test
  void aGrandchildThatKeepsThePipeDoesNotHoldUpTheExit(@TempDir Path folder) {
    Path stop = folder.resolve("stop");
    run(() -> {
      var process =
          shell(CAPTURE, "(while [ ! -e " + stop + " ]; do sleep 0.01; done) & echo started");
      assertThat(new String(process.stdout().readline(), UTF_8)).isEqualTo("started\n");
      assertThat(process.await()).isZero();
      assertThat(stop).doesNotExist(); // so the grandchild still runs
      Files.createFile(stop);
      assertThat(process.stdout().read()).isEmpty();
    });
  }

  @Test
  void whatItSaysWhenItIsTerminatedIsRead() {
    run(() -> {
      var process =
          shell(CAPTURE, "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.01; done");
      assertThat(new String(process.stdout().readline(), UTF_8)).isEqualTo("ready\n");
      process.terminate();
      assertThat(process.communicate(null).stdoutText()).isEqualTo("bye\n");
      assertThat(process.returncode()).isEqualTo(3);
    });
  }

  @Test
  void whatItHadWrittenWhenItIsKilledIsRead() {
    run(() -> {
      var process = shell(CAPTURE, "echo one; echo two; echo ready >&2; exec sleep 100");
      assertThat(new String(process.stderr().readline(), UTF_8)).isEqualTo("ready\n");
      process.kill();
      assertThat(process.communicate(null).stdoutText()).isEqualTo("one\ntwo\n");
      assertThat(process.returncode()).isEqualTo(128 + 9);
    });
  }

  @Test
  void aReaderOfAProgramThatIsTerminatedSeesItsEnd() {
    run(() -> {
      var process = Subprocess.createSubprocessExec(BOTH_WAYS, "cat");
      var reading = createTask(() -> process.stdout().read());
      sleep(Duration.ZERO);
      process.terminate();
      assertThat(reading.await()).isEmpty();
      assertThat(process.await()).isEqualTo(128 + 15);
    });
  }

  @Test
  void severalTasksAwaitTheEnd() {
    run(() -> {
      var process = Subprocess.createSubprocessExec("sleep", "100");
      var first = createTask(() -> process.await());
      var cancelled = createTask(() -> process.await());
      var last = createTask(() -> process.await());
      sleep(Duration.ZERO);
      cancelled.cancel();
      assertThatThrownBy(cancelled::await).isInstanceOf(CancelledError.class);
      assertThat(process.returncode()).isNull();
      process.kill();
      assertThat(first.await()).isEqualTo(last.await());
    });
  }

  // ---- cancellation

  @Test
  void aCancelledCommunicateLetsTheProgramRunOn() {
    run(() -> {
      var process = Subprocess.createSubprocessExec(BOTH_WAYS, "cat");
      assertThatThrownBy(() ->
              timeout(
                  Duration.ofMillis(20),
                  () -> {
                    process.stdout().readExactly(1);
                  }))
          .isInstanceOf(TimeoutException.class);
      assertThat(process.returncode()).isNull();
      process.stdin().write(bytes("alive"));
      assertThat(new String(process.stdout().readExactly(5), UTF_8)).isEqualTo("alive");
      process.stdin().close();

      var other = Subprocess.createSubprocessExec(CAPTURE, "sleep", "100");
      Task<?> communicating = createTask(() -> other.communicate(null));
      for (int i = 0; i < 5; i++) {
        sleep(Duration.ZERO);
      }
      communicating.cancel();
      assertThatThrownBy(communicating::await).isInstanceOf(CancelledError.class);
      assertThat(other.returncode()).isNull();
      other.kill();
      assertThat(other.await()).isEqualTo(137);
      assertThat(process.await()).isZero();
    });
  }

  @Test
  void aStartThatIsCancelledLeavesNoProgram() {
    run(() -> {
      for (int steps = 0; steps < 4; steps++) {
        var starting = createTask(() -> Subprocess.createSubprocessExec("sleep", "100"));
        for (int i = 0; i < steps; i++) {
          sleep(Duration.ZERO);
        }
        if (starting.cancel()) {
          gather(List.of(starting), true);
        } else {
          starting.result().kill();
        }
      }
    });
  }

  @Test
  void aCommunicateAfterOneThatWasCancelledGivesAll() {
    run(() -> {
      var process =
          shell(BOTH_WAYS, "echo first; echo problem >&2; exec 2>&-; cat; exec sleep 100");
      Task<?> communicating = createTask(() -> process.communicate(bytes("input ")));
      while (!(process.stdout().toString().contains("12 bytes")
          && process.stderr().toString().contains("eof"))) {
        sleep(Duration.ZERO);
      }
      communicating.cancel();
      assertThatThrownBy(communicating::await).isInstanceOf(CancelledError.class);
      process.kill();
      var output = process.communicate(null);
      assertThat(output.stdoutText()).isEqualTo("first\ninput ");
      assertThat(output.stderrText()).isEqualTo("problem\n");
    });
  }

  @Test
  void whatATimedOutCommunicateHasReadIsThereAfterTheKill() {
    run(() -> {
      var process = shell(CAPTURE, "echo first; exec sleep 100");
      while (!process.stdout().toString().contains("6 bytes")) {
        sleep(Duration.ZERO);
      }
      assertThatThrownBy(() -> timeout(Duration.ofMillis(1), () -> process.communicate(null)))
          .isInstanceOf(TimeoutException.class);
      process.kill();
      assertThat(process.communicate(null).stdoutText()).isEqualTo("first\n");
      assertThat(process.communicate(null).stdoutText()).isEmpty();
    });
  }

  // ---- threads that wait for readers

  private static void waitForThreads(int count) {
    while (pipeThreads().size() != count) {
      sleep(Duration.ofMillis(5));
    }
  }

  private static void waitUntilFull(StreamReader reader) {
    while (!reader.isPaused()) {
      sleep(Duration.ofMillis(1));
    }
  }

  @Test
  void programsThatAreKilledWhileNobodyReadsLeaveNoThread() {
    run(() -> {
      for (int i = 0; i < 5; i++) {
        var process = Subprocess.createSubprocessExec(CAPTURE, "yes");
        process.stdout().readline();
        waitUntilFull(process.stdout());
        process.kill();
        process.await();
      }
      waitForThreads(0); // while the loop goes on
    });
  }

  @Test
  void whatAProgramWroteBeforeItWasKilledIsRead() {
    for (int signal : List.of(15, 9)) {
      run(() -> {
        var process = shell(CAPTURE.withLimit(10), "head -c 50000 /dev/zero; exec sleep 100");
        waitUntilFull(process.stdout());
        process.sendSignal(signal);
        assertThat(process.await()).isEqualTo(128 + signal);
        assertThat(process.stdout().read()).isNotEmpty();
        assertThat(process.stdout().exception()).isNull();
      });
    }
  }

  @Test
  void aFullStandardErrorLeavesNoThreadEither() {
    run(() -> {
      var process = shell(CAPTURE, "yes >&2");
      waitUntilFull(process.stderr());
      process.kill();
      process.await();
      waitForThreads(0);
    });
  }

  /** Its buffers go with it. */
  @Test
  void aKilledProgramThatNobodyReadsIsGarbage() {
    run(() -> {
      var reader = new WeakReference<>(readerOfAKilledProgram());
      waitForThreads(0);
      while (reader.get() != null) {
        System.gc();
        sleep(Duration.ofMillis(5));
      }
    });
  }

  private static StreamReader readerOfAKilledProgram() throws IOException {
    var process = Subprocess.createSubprocessExec(CAPTURE, "yes");
    waitUntilFull(process.stdout());
    process.kill();
    process.await();
    return process.stdout();
  }

  @Test
  void aProgramThatRunsHoldsNoThreadWhileNobodyReadsAndLosesNothing() {
    int size = 3_000_000;
    run(() -> {
      var process = shell(CAPTURE.withLimit(1000), "head -c " + size + " /dev/zero");
      waitUntilFull(process.stdout());
      waitForThreads(1); // that of standard error, which has no end yet
      assertThat(process.returncode()).isNull();
      assertThat(process.stdout().readExactly(100_000)).hasSize(100_000);
      waitUntilFull(process.stdout());
      waitForThreads(1);
      assertThat(process.stdout().read()).hasSize(size - 100_000);
      assertThat(process.await()).isZero();
    });
  }

  @Test
  void whatAProgramLeavesCanBeReadAfterItsThreadHasLeft() {
    run(() -> {
      var process = shell(CAPTURE.withLimit(10), "head -c 50000 /dev/zero");
      waitUntilFull(process.stdout());
      assertThat(process.await()).isZero();
      waitForThreads(0);
      assertThat(process.stdout().read()).hasSize(50_000);
    });
  }

  @Test
  void aLoopThatClosesAfterTheThreadHasLeftLeavesNothing() {
    run(() -> {
      var process = Subprocess.createSubprocessExec(CAPTURE, "yes");
      waitUntilFull(process.stdout());
      waitForThreads(1);
    });
  }

  // ---- the end of the loop

  @Test
  void programsThatRunWhenTheLoopClosesAreKilledAndReportedInDebugMode() {
    List<String> reported = new ArrayList<>();
    run(() -> {
      getRunningLoop().setDebug(true);
      getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context.message()));
      Subprocess.createSubprocessExec(BOTH_WAYS, "sleep", "100").stdin().write(new byte[100]);
    });
    assertThat(reported).singleElement().asString().endsWith("is still running: killed");
  }

  @Test
  void abortingAPipeAfterTheLoopHasClosedDoesNothing() {
    var stdin = new StreamWriter[1];
    run(() -> {
      stdin[0] = Subprocess.createSubprocessExec(BOTH_WAYS, "sleep", "100").stdin();
    });
    stdin[0].abort();
    assertThat(stdin[0].isClosing()).isTrue();
  }

  @Test
  void aPipeThatIsPausedWhenTheLoopClosesLeavesNoThread() {
    run(() -> {
      var process = shell(CAPTURE.withLimit(10), "head -c 5000000 /dev/zero; exec sleep 100");
      while (!process.stdout().isPaused()) {
        sleep(Duration.ZERO);
      }
    });
  }

  // ---- load

  @Test
  void manyAtATimeLeaveNoDescriptor() throws Exception {
    long before = descriptors();
    run(() -> {
      var lengths =
          gather(
              IntStream.range(0, 40)
                  .mapToObj(n ->
                      task(() -> {
                        var process = Subprocess.createSubprocessExec(BOTH_WAYS, "cat");
                        return process.communicate(new byte[100_000 + n]).stdout().length;
                      }))
                  .toList());
      assertThat(lengths)
          .containsExactlyElementsOf(IntStream.range(0, 40).mapToObj(n -> 100_000 + n).toList());
    });
    nothingIsLeft();
    for (int i = 0; i < 500 && descriptors() > before + 5; i++) {
      Thread.sleep(10);
    }
    assertThat(descriptors()).isLessThanOrEqualTo(before + 5); // class files, the random device
  }

  private static long descriptors() throws IOException {
    Path folder = Path.of("/proc/self/fd");
    if (!Files.exists(folder)) {
      return 0;
    }
    try (var files = Files.list(folder)) {
      return files.count();
    }
  }
}
