package dev.aioli.net;

import static java.util.Objects.requireNonNull;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.Task;
import dev.aioli.lowlevel.WaitQueue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A program that runs beside this one. As {@code asyncio.subprocess.Process}; the name of the JDK's
 * {@code Process} is taken.
 *
 * <pre>{@code
 * var process = Subprocess.createSubprocessExec(SubprocessOptions.CAPTURE, "git", "status");
 * try {
 *   var output = process.communicate(null);
 * } finally {
 *   process.kill(); // does nothing if it has ended
 * }
 * }</pre>
 *
 * <p>Nothing here kills a subprocess because a task was cancelled: hence the {@code finally}. When
 * the loop closes, those that it started and that still run are killed.
 */
public final class Subprocess {
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;

  /**
   * What a subprocess wrote.
   *
   * @param stdout null if that is no pipe
   * @param stderr null if that is no pipe
   */
  @SuppressWarnings("ArrayRecordComponent") // whoever receives it owns it
  public record Output(byte @Nullable [] stdout, byte @Nullable [] stderr) {
    /** Standard output as UTF-8; empty if that is no pipe. */
    public String stdoutText() {
      return stdout == null ? "" : new String(stdout, StandardCharsets.UTF_8);
    }

    /** Standard error as UTF-8; empty if that is no pipe. */
    public String stderrText() {
      return stderr == null ? "" : new String(stderr, StandardCharsets.UTF_8);
    }
  }

  private final NettyPoller poller;
  private final EventLoop loop;
  private final Process process;
  private final @Nullable PipeWriter stdinPipe;
  private final @Nullable StreamWriter stdin;
  private final @Nullable StreamReader stdout;
  private final @Nullable StreamReader stderr;
  private final WaitQueue waiters = new WaitQueue();
  private final Runnable loopCloses = this::loopCloses;
  private @Nullable Integer returncode;

  private Subprocess(NettyPoller poller, Process process, SubprocessOptions options) {
    this.poller = poller;
    this.process = process;
    loop = poller.loop();
    poller.addCloseHook(loopCloses);
    loop.outside().begin();
    // Before anything is read: the JDK's reaper waits for a read that is under way, and whoever
    // asked later would wait for that (a daemon may hold the pipe for ever).
    var _ = process.onExit().thenAccept(this::exitedOutside);
    String name = "aioli-pipe-" + process.pid() + "-";
    stdinPipe =
        options.stdin() == Stdio.PIPE
            ? new PipeWriter(poller, process.getOutputStream(), name + "stdin")
            : null;
    stdin = stdinPipe == null ? null : new StreamWriter(loop, stdinPipe, null);
    stdout = options.stdout() == Stdio.PIPE ? new StreamReader(loop, options.limit()) : null;
    stderr = options.stderr() == Stdio.PIPE ? new StreamReader(loop, options.limit()) : null;
    if (stdout != null) {
      new PipeReader(poller, process.getInputStream(), stdout, name + "stdout").start();
    }
    if (stderr != null) {
      new PipeReader(poller, process.getErrorStream(), stderr, name + "stderr").start();
    }
  }

  // ---- starting

  /** Starts a program that shares the standard streams of this process. */
  @Suspends
  public static Subprocess createSubprocessExec(String program, String... arguments)
      throws IOException {
    return createSubprocessExec(SubprocessOptions.DEFAULT, program, arguments);
  }

  /**
   * Starts a program, in a worker thread.
   *
   * <p>Cancellation: if it starts all the same it is killed.
   *
   * @throws IOException if there is no such program, or no such directory
   */
  @Suspends
  public static Subprocess createSubprocessExec(
      SubprocessOptions options, String program, String... arguments) throws IOException {
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(List.of(arguments));
    return new Subprocess(poller, new SubprocessStart(options, command).await(), options);
  }

  /** Has the system's shell run a command that shares the standard streams of this process. */
  @Suspends
  public static Subprocess createSubprocessShell(String command) throws IOException {
    return createSubprocessShell(SubprocessOptions.DEFAULT, command);
  }

  /**
   * Has the system's shell run a command. Never build one from what a stranger typed: pass
   * arguments to {@link #createSubprocessExec} instead. Otherwise as that.
   */
  @Suspends
  public static Subprocess createSubprocessShell(SubprocessOptions options, String command)
      throws IOException {
    return System.getProperty("os.name").startsWith("Windows")
        ? createSubprocessExec(options, "cmd.exe", "/c", command)
        : createSubprocessExec(options, "/bin/sh", "-c", command);
  }

  // ---- operations that wait

  /**
   * Waits until it has ended, and gives its {@link #returncode}. Does not suspend if it has. As
   * {@code Process.wait}.
   *
   * <p>With pipes that nobody reads it may never end: use {@link #communicate}. A grandchild that
   * holds the pipes does not hold this up. What that writes from then on may be lost: the JDK
   * closes a pipe on which nobody is reading at that moment.
   *
   * <p>Cancellation: it runs on.
   */
  @Suspends
  public int await() {
    loop.checkTurn();
    if (returncode == null) {
      waiters.await(loop, woken -> {});
    }
    return requireNonNull(returncode);
  }

  /**
   * Writes input and closes standard input, reads both outputs to their ends, and waits until it
   * has ended. That it stops reading its input is no error.
   *
   * <p>Cancellation, also by a time limit: it runs on, and what was read is kept for the next call,
   * which gives all. The same input must not be given again: what is not written yet is still
   * written.
   *
   * @param input null for none
   * @throws IllegalArgumentException if there is input and standard input is no pipe
   */
  @Suspends
  public Output communicate(byte @Nullable [] input) throws IOException {
    loop.checkTurn();
    if (input != null && stdin == null) {
      throw new IllegalArgumentException(
          "expected no input, since stdin of " + this + " is no pipe; found some");
    }
    List<Task<@Nullable Void>> tasks = new ArrayList<>();
    if (stdout != null) {
      tasks.add(Asyncio.createTask(() -> stdout.awaitEof()));
    }
    if (stderr != null) {
      tasks.add(Asyncio.createTask(() -> stderr.awaitEof()));
    }
    if (stdin != null) {
      tasks.add(Asyncio.createTask(() -> feed(stdin, input)));
    }
    Opening.await(Asyncio.gatherFuture(tasks));
    await();
    // Only now is anything taken out of the readers.
    return new Output(stdout == null ? null : stdout.read(), stderr == null ? null : stderr.read());
  }

  @Suspends
  private static void feed(StreamWriter stdin, byte @Nullable [] input) {
    try {
      if (input != null) {
        stdin.write(input);
      }
      stdin.drain();
    } catch (IOException e) {
      // it ended, or closed its input, before it had read all
    }
    stdin.close();
  }

  /**
   * Sends it a signal, by its number. Does nothing if it has ended. Suspends, but for SIGTERM and
   * SIGKILL: the JDK knows no others, so the system's {@code kill} sends them.
   *
   * @throws IOException if the system refuses it
   */
  @Suspends
  public void sendSignal(int signal) throws IOException {
    loop.checkTurn();
    switch (signal) {
      case SIGTERM -> terminate();
      case SIGKILL -> kill();
      default -> Signals.send(process, signal);
    }
  }

  // ---- operations that don't

  /** Asks it to end: SIGTERM. Does nothing if it has ended, where asyncio complains. */
  public void terminate() {
    loop.checkTurn();
    process.toHandle().destroy();
  }

  /** Ends it: SIGKILL. Does nothing if it has ended, where asyncio complains. */
  public void kill() {
    loop.checkTurn();
    // Not Process.destroyForcibly, which closes the pipes: what it wrote before can still be read.
    process.toHandle().destroyForcibly();
  }

  /**
   * What it ended with; null until that is known. 0 is success; above 128, the number of the signal
   * that killed it plus 128. Python gives minus that number; the JDK cannot tell the one from a
   * program that ended by {@code exit(137)}.
   */
  public @Nullable Integer returncode() {
    loop.checkTurn();
    return returncode;
  }

  /** The system's number for it. */
  public long pid() {
    return process.pid();
  }

  /** What it reads. */
  public @Nullable StreamWriter stdin() {
    return stdin;
  }

  /** What it writes. */
  public @Nullable StreamReader stdout() {
    return stdout;
  }

  /** What it writes to standard error. */
  public @Nullable StreamReader stderr() {
    return stderr;
  }

  private void exitedOutside(Process ended) {
    int code = ended.exitValue();
    try {
      loop.callSoonThreadsafe(() -> exited(code));
    } catch (IllegalStateException e) {
      // the loop is closed: nobody waits
    }
  }

  private void exited(int code) {
    returncode = code;
    loop.outside().end();
    poller.removeCloseHook(loopCloses);
    if (stdinPipe != null) {
      stdinPipe.peerGone();
    }
    waiters.wakeAll();
  }

  private void loopCloses() {
    if (loop.isDebug() && process.isAlive()) {
      StreamErrors.report(loop, this + " is still running: killed", null, null);
    }
    process.destroyForcibly();
  }

  @Override
  public String toString() {
    return "Subprocess[" + pid() + (returncode == null ? "" : ", returncode=" + returncode) + "]";
  }
}
