package dev.aioli.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code aioli fetch}: its command line. {@link FetchPlan} makes sense of it, {@link FetchJob} does
 * the work.
 */
@Command(
    name = "fetch",
    sortOptions = false,
    header = {
      "Fetch many URLs, at most N at a time, in order of priority.",
      "",
      "  @|bold aioli fetch 'httpbin:/get?a={0..11}'|@      12 URLs; needs no network",
      "  @|bold aioli fetch --from urls.txt|@               a file, a URL a line",
      "  @|bold aioli fetch --limit 6 --from urls.txt|@     at most 6 requests in flight",
      "",
    },
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
      "Input: a line of --from is one of",
      "  http://host/a",
      "  -5 http://host/urgent                   a priority, then blanks or a tab",
      "  {\"url\":\"http://host/b\",\"priority\":3,\"method\":\"POST\",\"headers\":{\"X-A\":\"1\"},\"body\":{\"n\":7}}",
      "",
      "Output: one line of JSON a result, as they complete, on stdout:",
      "  {\"url\":\"http://host/a\",\"status\":200,\"bytes\":311,\"ms\":12.3,\"attempts\":1,\"error\":null}",
      "  {\"url\":\"http://host/b\",\"status\":null,\"bytes\":0,\"ms\":1.5,\"attempts\":3,",
      "   \"error\":{\"type\":\"connect\",\"message\":\"cannot connect to http://host: ...\"}}",
      "A URL has failed if there was no answer (status null) or its status is 400 or more. That",
      "ends nothing: the error says why. Types are status, timeout, connect, disconnected,",
      "protocol, redirect, body-too-large, file, input, other. After redirects the result has the",
      "\"final_url\". On stderr: a progress bar if that is a terminal and stdout is not, and a summary",
      "at the end.",
      "",
      "More examples:",
      "  @|bold aioli fetch 'http://host/{a..e}/{01..31}.json'|@          155 URLs",
      "  @|bold aioli fetch --from urls.txt --resume results.jsonl|@      a file, a URL a line",
      "  @|bold aioli fetch --rate 10/s --retries 5 --from urls.txt|@     considerate",
      "  @|bold make-urls | aioli fetch --from -|@                        endless input is fine",
      "  @|bold aioli fetch --from - | jq -r 'select(.error).url'|@       those that failed",
    })
final class FetchCommand implements Callable<Integer> {
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
  private final InputOptions input = new InputOptions();

  @ArgGroup(validate = false, heading = "%nRequests:%n", order = 2)
  private final RequestOptions requests = new RequestOptions();

  @ArgGroup(validate = false, heading = "%nLimits and retries:%n", order = 3)
  private final LimitOptions limits = new LimitOptions();

  @ArgGroup(validate = false, heading = "%nOutput:%n", order = 4)
  private final OutputOptions output = new OutputOptions();

  @ArgGroup(validate = false, heading = "%nDisplay:%n", order = 5)
  private final DisplayOptions display = new DisplayOptions();

  @Override
  public Integer call() throws InterruptedException {
    if (spec == null) {
      throw new IllegalStateException("expected to be run by picocli");
    }
    UsageErrors.checkGivenOnce(spec.commandLine());
    if (display.verbose) {
      StderrLoggerFinder.verbose();
    }
    FetchPlan plan = new FetchPlan(urls, input, requests, limits, output, display);
    FetchJob job;
    try {
      job = plan.job();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return job.run();
  }
}
