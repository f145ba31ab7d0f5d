package dev.aioli.net;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How to start a subprocess. Unless said otherwise it shares the standard streams, the directory
 * and the environment of this process.
 *
 * @param stdin where it reads from
 * @param stdout where its output goes
 * @param stderr where its errors go; {@link Stdio#STDOUT} joins them to the output
 * @param cwd its working directory; null for that of this process
 * @param env its whole environment; null for that of this process
 * @param limit the limit of its {@link StreamReader}s, in bytes
 */
public record SubprocessOptions(
    Stdio stdin,
    Stdio stdout,
    Stdio stderr,
    @Nullable Path cwd,
    @Nullable Map<String, String> env,
    int limit) {

  /** What holds unless said otherwise. */
  public static final SubprocessOptions DEFAULT =
      new SubprocessOptions(
          Stdio.INHERIT, Stdio.INHERIT, Stdio.INHERIT, null, null, StreamReader.DEFAULT_LIMIT);

  /** Output and errors by pipes; nothing to read. */
  public static final SubprocessOptions CAPTURE =
      DEFAULT.withStdin(Stdio.DEVNULL).withStdout(Stdio.PIPE).withStderr(Stdio.PIPE);

  /** Checks that the streams make sense. */
  public SubprocessOptions {
    Objects.requireNonNull(stdin.forInput());
    Objects.requireNonNull(stdout.forOutput("stdout"));
    if (stderr != Stdio.STDOUT) {
      Objects.requireNonNull(stderr.forOutput("stderr"));
    }
    env = env == null ? null : Map.copyOf(env);
    Checks.positive("limit", limit);
  }

  /** The same with another standard input. */
  public SubprocessOptions withStdin(Stdio newStdin) {
    return new SubprocessOptions(newStdin, stdout, stderr, cwd, env, limit);
  }

  /** The same with another standard output. */
  public SubprocessOptions withStdout(Stdio newStdout) {
    return new SubprocessOptions(stdin, newStdout, stderr, cwd, env, limit);
  }

  /** The same with another standard error. */
  public SubprocessOptions withStderr(Stdio newStderr) {
    return new SubprocessOptions(stdin, stdout, newStderr, cwd, env, limit);
  }

  /** The same in another directory. */
  public SubprocessOptions withCwd(Path newCwd) {
    return new SubprocessOptions(stdin, stdout, stderr, newCwd, env, limit);
  }

  /** The same with another environment, in the place of that of this process. */
  public SubprocessOptions withEnv(Map<String, String> newEnv) {
    return new SubprocessOptions(stdin, stdout, stderr, cwd, newEnv, limit);
  }

  /** The same with another limit of the readers, in bytes. */
  public SubprocessOptions withLimit(int newLimit) {
    return new SubprocessOptions(stdin, stdout, stderr, cwd, env, newLimit);
  }
}
