package dev.aioli.net;

import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a standard stream of a subprocess comes from, or goes to. */
public final class Stdio {
  /** The stream of this process: asyncio's {@code None}. */
  public static final Stdio INHERIT = new Stdio("INHERIT", Redirect.INHERIT, Redirect.INHERIT);

  /** A stream of {@link Subprocess}. */
  public static final Stdio PIPE = new Stdio("PIPE", Redirect.PIPE, Redirect.PIPE);

  /** Nothing to read; nothing written is kept. */
  public static final Stdio DEVNULL =
      new Stdio("DEVNULL", Redirect.from(nullDevice()), Redirect.DISCARD);

  /** For standard error: where standard output goes. */
  public static final Stdio STDOUT = new Stdio("STDOUT", null, null);

  private final String name;
  private final @Nullable Redirect in;
  private final @Nullable Redirect out;

  private Stdio(String name, @Nullable Redirect in, @Nullable Redirect out) {
    this.name = name;
    this.in = in;
    this.out = out;
  }

  /** A file: read from its beginning, or written anew. */
  public static Stdio file(Path path) {
    File file = path.toFile();
    return new Stdio("file " + path, Redirect.from(file), Redirect.to(file));
  }

  /** A file to write to behind what it has. */
  public static Stdio append(Path path) {
    return new Stdio("append " + path, null, Redirect.appendTo(path.toFile()));
  }

  private static File nullDevice() {
    return new File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
  }

  Redirect forInput() {
    return orRefused(in, "stdin");
  }

  Redirect forOutput(String stream) {
    return orRefused(out, stream);
  }

  private Redirect orRefused(@Nullable Redirect redirect, String stream) {
    if (redirect == null) {
      throw new IllegalArgumentException("expected what can be " + stream + ", found " + this);
    }
    return redirect;
  }

  @Override
  public String toString() {
    return name;
  }
}
