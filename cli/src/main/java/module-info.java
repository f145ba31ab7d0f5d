/** The {@code aioli} command. */
module dev.aioli.cli {
  requires dev.aioli;
  requires dev.aioli.examples;
  requires dev.aioli.http;
  requires dev.aioli.httpbin;
  requires HdrHistogram;
  requires info.picocli;
  requires java.logging;
  requires me.tongfei.progressbar;
  requires tools.jackson.core;
  requires tools.jackson.databind;
  requires static org.jspecify;

  exports dev.aioli.cli to
      java.logging;

  opens dev.aioli.cli to
      info.picocli;

  provides System.LoggerFinder with
      dev.aioli.cli.StderrLoggerFinder;
}
