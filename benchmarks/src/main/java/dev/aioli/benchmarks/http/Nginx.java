package dev.aioli.benchmarks.http;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What clients ask: an nginx with one short body, whose connections stay open. */
final class Nginx implements AutoCloseable {
  /** 300 bytes of JSON. */
  static final String BODY = "{\"args\":{\"a\":\"1\"},\"filler\":\"" + "x".repeat(300 - 30) + "\"}";

  private final NginxProcess process;
  private final int port;

  /** Where it speaks HTTP/2, without TLS; 0 for nowhere. */
  private final int http2Port;

  private Nginx(NginxProcess process, int port, int http2Port) {
    this.process = process;
    this.port = port;
    this.http2Port = http2Port;
  }

  /** Starts it and waits until it answers. */
  static Nginx start(Path program) throws IOException, InterruptedException {
    int port = NginxProcess.freePort();
    int http2Port = NginxProcess.hasModule(program, "http_v2_module") ? NginxProcess.freePort() : 0;
    return new Nginx(
        NginxProcess.start(program, NginxProcess.newFolder(), servers(port, http2Port), port),
        port,
        http2Port);
  }

  private static String servers(int port, int http2Port) {
    String http2 =
        http2Port == 0
            ? ""
            : "listen 127.0.0.1:" + http2Port + " http2; http2_max_concurrent_streams 1024;";
    return """
      access_log off;
      server {
        listen 127.0.0.1:%1$d backlog=4096;
        %3$s
        location / { return 200 '%2$s'; }
      }
    """
        .formatted(port, BODY, http2);
  }

  /** Where it answers. */
  String url() {
    return "http://127.0.0.1:" + port + "/";
  }

  /** Where it speaks HTTP/2 without TLS and without being asked first, if it can. */
  Optional<String> http2Url() {
    return http2Port == 0 ? Optional.empty() : Optional.of("http://127.0.0.1:" + http2Port + "/");
  }

  @Override
  public void close() {
    process.close();
  }
}
