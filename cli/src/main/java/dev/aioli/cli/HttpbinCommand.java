package dev.aioli.cli;

import dev.aioli.Asyncio;
import dev.aioli.KeyboardInterrupt;
import dev.aioli.SystemExit;
import dev.aioli.httpbin.Httpbin;
import dev.aioli.sync.Event;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code aioli httpbin}: serves until Ctrl-C. */
@Command(
    name = "httpbin",
    header = "Serve an httpbin to try HTTP clients on, until Ctrl-C.",
    description = {
      "%nWhat it answers is listed on its page /. Answers have the shape of httpbin.org's."
    },
    customSynopsis = "@|bold aioli httpbin|@ [OPTIONS]",
    optionListHeading = "%n")
final class HttpbinCommand implements Callable<Integer> {
  private static final int MAX_PORT = 65535;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      defaultValue = "8080",
      description = "Where to listen; 0 for a port that is free (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "On which address; 0.0.0.0 for all (default: ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text.")
  private boolean unusedHelp; // picocli acts on it

  @Override
  public Integer call() {
    if (spec == null) {
      throw new IllegalStateException("expected to be run by picocli");
    }
    if (port < 0 || port > MAX_PORT) {
      throw new ParameterException(
          spec.commandLine(), "expected a port from 0 to " + MAX_PORT + ", found " + port);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      return Asyncio.run(() -> serve(out, err));
    } catch (KeyboardInterrupt e) {
      return ExitCodes.INTERRUPTED;
    } catch (SystemExit e) {
      return e.code(); // of SIGTERM
    }
  }

  private int serve(PrintWriter out, PrintWriter err) {
    try (Httpbin httpbin = Httpbin.start(host, port)) {
      out.println("serving on " + httpbin.url() + " (Ctrl-C ends)");
      out.flush();
      new Event().await();
      return ExitCodes.OK;
    } catch (IOException e) {
      err.println("aioli: cannot listen on " + host + ", port " + port + ": " + e.getMessage());
      err.flush();
      return ExitCodes.FAILED;
    }
  }
}
