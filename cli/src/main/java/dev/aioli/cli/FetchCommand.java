package dev.aioli.cli;

import dev.aioli.Suspends;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code aioli fetch}: reads the command line; the work is done by {@link FetchJob}. */
@Command(
    name = "fetch",
    sortOptions = false,
    header = "Fetch many URLs, at most N at a time, in order of priority.",
    customSynopsis = {
      "@|bold aioli fetch|@ [OPTIONS] URL...",
      "       @|bold aioli fetch|@ [OPTIONS] --from=FILE [URL...]",
    },
    parameterListHeading = "%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every URL was fetched, or stdout was closed before one failed",
      "1:a URL failed, or input or output did",
      "2:the command line makes no sense; nothing was fetched",
      "130:ended by Ctrl-C (143 by SIGTERM); what was complete is written",
    },
    footerHeading = "%n",
    footer = {
      "Output: one line of JSON a result, as they complete, on stdout:",
      "  {\"url\":\"http://host/a\",\"status\":200,\"bytes\":311,\"ms\":12.3,\"error\":null}",
      "A URL has failed if there was no answer (status null) or its status is 400 or more. That",
      "ends nothing: the error says why. Redirects are results. On stderr: a progress bar if that",
      "is a terminal and stdout is not, and a summary at the end.",
      "",
      "Examples:",
      "  @|bold aioli fetch --limit 6 'httpbin:/delay/0.2?a={0..11}'|@    with no network at all",
      "  @|bold aioli fetch 'http://host/{a..e}/{01..31}.json'|@          155 URLs",
      "  @|bold aioli fetch --from urls.txt >results.jsonl|@              a file, a URL a line",
      "  @|bold make-urls | aioli fetch --from -|@                        endless input is fine",
      "  @|bold aioli fetch --from - | jq -r 'select(.error).url'|@       those that failed",
    })
final class FetchCommand implements Callable<Integer> {
  private static final String STDIN = "-";

  /** Of the URLs on the command line, so many are checked before the run starts. */
  private static final int CHECKED_IN_ADVANCE = 1_000;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "URL...",
      hideParamSyntax = true,
      description = {
        "http://host/path, or httpbin:/path, which asks a server that aioli starts for itself."
            + " Braces stand for many: {0..11} {00..11} {0..10..2} {a..e} {red,green}. A backslash"
            + " takes the character after it as it is."
      })
  private List<String> urls = new ArrayList<>();

  @ArgGroup(validate = false, heading = "%nInput:%n", order = 1)
  private final Input input = new Input();

  @ArgGroup(validate = false, heading = "%nRequests:%n", order = 2)
  private final Requests requests = new Requests();

  @ArgGroup(validate = false, heading = "%nDisplay:%n", order = 3)
  private final Display display = new Display();

  /** Where URLs come from. */
  static final class Input {
    @Option(
        names = "--from",
        paramLabel = "FILE",
        order = 1,
        description = {
          "Read more URLs from FILE, or from stdin if it is -. A line is URL or"
              + " PRIORITY<TAB>URL; the smallest number goes first, 0 is the default, equal ones"
              + " keep their order. No braces. Blank lines and # comments are skipped; a bad line"
              + " is a failed result."
        })
    private @Nullable String from;

    @Option(
        names = "--read-ahead",
        paramLabel = "N",
        order = 2,
        description =
            "Read at most N URLs in advance; priorities apply among these (default: 4096).")
    private int readAhead = 4_096;
  }

  /** How URLs are fetched. */
  static final class Requests {
    @Option(
        names = "--limit",
        paramLabel = "N",
        order = 1,
        description = "At most N requests in flight (default: 64).")
    private int limit = 64;

    @Option(
        names = "--timeout",
        paramLabel = "SECONDS",
        order = 2,
        description = "Give up on a request after that time, such as 0.5 (default: 30).")
    private double timeout = 30;
  }

  /** What is shown on stderr. */
  static final class Display {
    @Option(
        names = "--progress",
        negatable = true,
        order = 1,
        description = "Show a progress bar, or none, wherever stderr goes.")
    private @Nullable Boolean progress;

    @Option(
        names = {"-q", "--quiet"},
        order = 2,
        description = "No progress bar, no summary.")
    private boolean quiet;

    @Option(
        names = {"-v", "--verbose"},
        order = 3,
        description = "Show what is going on, and stacks of errors.")
    private boolean verbose;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        order = 4,
        description = "Show this text.")
    private boolean unusedHelp; // picocli acts on it
  }

  @Override
  public Integer call() throws InterruptedException {
    if (display.verbose) {
      StderrLoggerFinder.verbose();
    }
    FetchJob.Options options = options();
    List<UrlGlob> globs = globs();
    UrlSource source = new UrlSource(globs, lines());
    FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    return new FetchJob(options, source, out, () -> fetcher(options, globs)).run();
  }

  @Suspends
  private static Fetcher fetcher(FetchJob.Options options, List<UrlGlob> globs) {
    HttpFetcher fetcher = new HttpFetcher(options.limit(), options.timeout());
    if (!globs.isEmpty() && TargetUrl.parse(globs.getFirst().get(0)).embedded()) {
      fetcher.warmUp();
    }
    return fetcher;
  }

  private FetchJob.Options options() {
    if (requests.limit < 1) {
      throw usage("--limit: expected 1 or more, was " + requests.limit);
    }
    if (input.readAhead < 1) {
      throw usage("--read-ahead: expected 1 or more, was " + input.readAhead);
    }
    if (!(requests.timeout > 0 && requests.timeout < Integer.MAX_VALUE)) {
      throw usage("--timeout: expected seconds, more than 0, was " + requests.timeout);
    }
    if (urls.isEmpty() && input.from == null) {
      throw usage("expected a URL, or --from");
    }
    boolean progress =
        display.progress == null ? !display.quiet && Stderr.canShowBar() : display.progress;
    Duration timeout = Duration.ofNanos((long) (requests.timeout * 1e9));
    return new FetchJob.Options(requests.limit, timeout, input.readAhead, progress, !display.quiet);
  }

  private List<UrlGlob> globs() {
    List<UrlGlob> globs = new ArrayList<>();
    try {
      for (String url : urls) {
        UrlGlob glob = UrlGlob.parse(url);
        for (long i = 0; i < Math.min(glob.size(), CHECKED_IN_ADVANCE); i++) {
          TargetUrl.parse(glob.get(i));
        }
        globs.add(glob);
      }
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    return globs;
  }

  private @Nullable LineReader lines() {
    if (input.from == null) {
      return null;
    }
    try {
      return new LineReader(
          input.from.equals(STDIN)
              ? new FileInputStream(FileDescriptor.in)
              : new FileInputStream(input.from));
    } catch (FileNotFoundException e) {
      throw usage("--from: cannot read " + e.getMessage());
    }
  }

  private ParameterException usage(@Nullable String problem) {
    if (spec == null) {
      throw new IllegalStateException("expected to be run by picocli");
    }
    return new ParameterException(spec.commandLine(), problem);
  }
}
