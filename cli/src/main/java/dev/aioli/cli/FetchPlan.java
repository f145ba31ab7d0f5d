package dev.aioli.cli;

import dev.aioli.Suspends;
import dev.aioli.cli.plot.RunPlot;
import dev.aioli.http.client.HttpClientBuilder;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a {@link FetchJob} of the options, or says what is wrong with them. */
final class FetchPlan {
  private static final String STDIN = "-";

  /** Of the URLs on the command line, so many are checked before the run starts. */
  private static final int CHECKED_IN_ADVANCE = 1_000;

  /** The longest body that is held, if nothing else is said. */
  private static final long MAX_SHOWN_BODY = 16 * 1024 * 1024;

  private final List<String> urls;
  private final InputOptions input;
  private final RequestOptions requests;
  private final LimitOptions limits;
  private final OutputOptions output;
  private final DisplayOptions display;

  FetchPlan(
      List<String> urls,
      InputOptions input,
      RequestOptions requests,
      LimitOptions limits,
      OutputOptions output,
      DisplayOptions display) {
    this.urls = urls;
    this.input = input;
    this.requests = requests;
    this.limits = limits;
    this.output = output;
    this.display = display;
  }

  /**
   * The job. Opens the files that it takes.
   *
   * @throws IllegalArgumentException if the options make no sense: says why, and the way out
   */
  FetchJob job() {
    checkCombinations();
    LineParser parser = new LineParser(requests.template(), input.priority);
    List<UrlGlob> globs = globs(parser);
    LineReader lines = lines();
    HttpClientBuilder client = client(true);
    HttpClientBuilder local = client(false);
    HttpFetcher.Bodies bodies = bodies(folder());
    tryPlot();
    ResumeFile resume = resume();
    UrlSource source =
        new UrlSource(globs, lines, parser, resume == null ? entry -> false : resume::take);
    boolean warm = !globs.isEmpty() && TargetUrl.parse(globs.getFirst().get(0)).embedded();
    return new FetchJob(
        options(), source, out(resume), resume, () -> fetcher(client, local, bodies, warm));
  }

  private void checkCombinations() {
    if (urls.isEmpty() && input.from == null) {
      throw new IllegalArgumentException("expected a URL, or --from");
    }
    if (requests.readsStdin() && STDIN.equals(input.from)) {
      throw new IllegalArgumentException(
          "expected one reader of stdin, found --from - and a body @-; put one into a file");
    }
    if (output.body && output.outputDir != null) {
      throw new IllegalArgumentException(
          "expected one of --body and --output-dir, found both: a body goes into the result or"
              + " into a file");
    }
    if (output.retryFailed && output.resume == null) {
      throw new IllegalArgumentException(
          "--retry-failed: expected --resume FILE, which tells what has failed");
    }
    if (output.dryRun && output.plot != null) {
      throw new IllegalArgumentException(
          "expected one of --dry-run and --plot, found both: there is nothing to draw");
    }
    if (display.quiet && Boolean.TRUE.equals(display.progress)) {
      throw new IllegalArgumentException("expected one of --quiet and --progress, found both");
    }
    if (limits.perHost != null && limits.perHost > limits.limit) {
      throw new IllegalArgumentException(
          "--per-host: expected at most --limit ("
              + limits.limit
              + "), found "
              + limits.perHost
              + "; raise --limit, too");
    }
    if (limits.retryAnyMethod && limits.retries == 0) {
      throw new IllegalArgumentException("--retry-any-method: expected --retries N with it");
    }
    if (output.plot != null && !RunPlot.canWrite(output.plot)) {
      throw new IllegalArgumentException(
          "--plot: expected a file that ends with .svg or .html, found '" + output.plot + "'");
    }
  }

  private List<UrlGlob> globs(LineParser parser) {
    List<UrlGlob> globs = new ArrayList<>();
    for (String url : urls) {
      UrlGlob glob = UrlGlob.parse(Utf8.argument(url, "percent-encode them, or use --from"));
      for (long i = 0; i < Math.min(glob.size(), CHECKED_IN_ADVANCE); i++) {
        parser.plain(glob.get(i));
      }
      globs.add(glob);
    }
    return globs;
  }

  private @Nullable LineReader lines() {
    if (input.from == null) {
      return null;
    }
    try {
      return new LineReader(
          input.from.equals(STDIN) ? Stdin.open() : new FileInputStream(input.from));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--from: " + e.getMessage(), e);
    } catch (FileNotFoundException e) {
      throw new IllegalArgumentException("--from: cannot read " + e.getMessage(), e);
    }
  }

  private @Nullable OutputFolder folder() {
    Path path = output.outputDir;
    if (path == null || output.dryRun) {
      return null;
    }
    try {
      Files.createDirectories(path);
    } catch (FileAlreadyExistsException e) {
      throw new IllegalArgumentException(
          "--output-dir: expected a folder, found the file " + path, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("--output-dir: cannot make " + problem(e), e);
    }
    try {
      OutputFolder.tryOut(path);
    } catch (IOException e) {
      throw new IllegalArgumentException("--output-dir: cannot write to " + path, e);
    }
    return new OutputFolder(path);
  }

  /** Says now what would be said after the last request, when the drawing is made. */
  private void tryPlot() {
    if (output.plot == null) {
      return;
    }
    try {
      RunPlot.tryOut(output.plot);
    } catch (IOException e) {
      throw new IllegalArgumentException("--plot: cannot write to " + problem(e), e);
    }
  }

  private @Nullable ResumeFile resume() {
    if (output.resume == null) {
      return null;
    }
    try {
      ResumeFile file = ResumeFile.open(output.resume, output.retryFailed, output.dryRun);
      if (file.removedNuls() > 0) {
        Stderr.println(
            "aioli: warning: removed %d NUL bytes from the end of %s, as a system that went down"
                    .formatted(file.removedNuls(), output.resume)
                + " leaves them; what was there is fetched again");
      }
      return file;
    } catch (FileSystemException e) {
      throw new IllegalArgumentException("--resume: cannot open " + problem(e), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("--resume: " + e.getMessage(), e);
    }
  }

  /** The file and what is wrong; the JDK's exceptions often say only one of them. */
  private static String problem(IOException e) {
    String problem =
        switch (e) {
          case NoSuchFileException _ -> " (no such file or folder)";
          case AccessDeniedException _ -> " (permission denied)";
          default -> "";
        };
    return e.getMessage() + problem;
  }

  private OutputStream out(@Nullable ResumeFile resume) {
    return resume == null || output.dryRun
        ? new FileOutputStream(FileDescriptor.out)
        : resume.out();
  }

  private FetchJob.Options options() {
    var run =
        new FetchRun.Settings(
            limits.limit,
            requests.timeout,
            limits.retryPolicy(),
            limits.failFast,
            output.includeHeaders);
    return new FetchJob.Options(
        run,
        limits.limits(),
        input.readAhead,
        output.dryRun,
        output.plot,
        display.showProgress() && !output.dryRun,
        !display.quiet);
  }

  private HttpClientBuilder client(boolean proxied) {
    boolean bodiesMatter = output.body || output.outputDir != null;
    return requests.client(limits.limit, proxied, bodiesMatter);
  }

  private HttpFetcher.Bodies bodies(@Nullable OutputFolder folder) {
    long most = output.body ? MAX_SHOWN_BODY : Long.MAX_VALUE;
    long chosen = requests.maxBody == null ? most : requests.maxBody;
    return new HttpFetcher.Bodies(chosen, output.body, folder);
  }

  @Suspends
  private static Fetcher fetcher(
      HttpClientBuilder client,
      HttpClientBuilder local,
      HttpFetcher.Bodies bodies,
      boolean warmUp) {
    EmbeddedServer embedded = new EmbeddedServer(local.build());
    if (warmUp) {
      embedded.warmUp();
    }
    return new HttpFetcher(client.build(), embedded, bodies);
  }
}
