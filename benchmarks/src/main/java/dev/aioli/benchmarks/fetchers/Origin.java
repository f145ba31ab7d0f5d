package dev.aioli.benchmarks.fetchers;

import dev.aioli.benchmarks.http.NginxProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** What the fetchers ask: an nginx that notes each URL that it is asked for. */
final class Origin implements AutoCloseable {
  /** Bytes of a large body. */
  static final int LARGE = 2_000_000;

  private static final int GZIPPED = 200_000;
  private static final String PASSWORD = "changeit";

  private final NginxProcess nginx;
  private final Path log;
  private final int plain;
  private final int secure;
  private final int http2;
  private final int closing;

  private Origin(NginxProcess nginx, Path log, int plain, int secure, int http2, int closing) {
    this.nginx = nginx;
    this.log = log;
    this.plain = plain;
    this.secure = secure;
    this.http2 = http2;
    this.closing = closing;
  }

  static Origin start(Path program)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path folder = NginxProcess.newFolder();
    Path log = folder.resolve("access.log");
    int plain = NginxProcess.freePort();
    int secure = NginxProcess.freePort();
    int http2 = NginxProcess.freePort();
    int closing = NginxProcess.freePort();
    writeCertificate(folder);
    Random random = new Random(1);
    byte[] large = new byte[LARGE];
    random.nextBytes(large);
    Files.write(folder.resolve("large"), large);
    Files.write(folder.resolve("gzipped"), gzip(jsonOf(GZIPPED, random)));
    String tls = " ssl; ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem;";
    String http =
        """
          log_format urls '$request_uri';
          access_log %2$s urls buffer=64k flush=200ms;
          root %1$s;
          sendfile on;
          server {
            listen 127.0.0.1:%3$d backlog=4096;
            location /small/ { return 200 '%7$s'; }
            location /large/ { rewrite ^ /large break; }
            location /gzip/ { rewrite ^ /gzipped break; add_header Content-Encoding gzip; }
          }
          server {
            listen 127.0.0.1:%4$d backlog=4096 TLS
            location /small/ { return 200 '%7$s'; }
            location /large/ { rewrite ^ /large break; }
          }
          server {
            listen 127.0.0.1:%5$d backlog=4096 http2 TLS
            http2_max_concurrent_streams 1024;
            location /small/ { return 200 '%7$s'; }
          }
          server {
            listen 127.0.0.1:%6$d backlog=4096 TLS
            keepalive_timeout 0;
            location /small/ { return 200 '%7$s'; }
          }
        """
            .replace("TLS", tls)
            .formatted(folder, log, plain, secure, http2, closing, "x".repeat(300));
    return new Origin(
        NginxProcess.start(program, folder, http, plain), log, plain, secure, http2, closing);
  }

  /** Text that a compressor makes a tenth of. */
  private static byte[] jsonOf(int bytes, Random random) {
    StringBuilder text = new StringBuilder("[");
    while (text.length() < bytes) {
      text.append("{\"id\":").append(random.nextInt(1000)).append(",\"name\":\"somebody\"},");
    }
    return text.append("{}]").toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(content);
    }
    return zipped.toByteArray();
  }

  /** One of 127.0.0.1, which it has signed itself. */
  private static void writeCertificate(Path folder)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = folder.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "origin",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "7",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool made no certificate: " + said.strip());
    }
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    Files.writeString(
        folder.resolve("cert.pem"), pem("CERTIFICATE", keys.getCertificate("origin").getEncoded()));
    Files.writeString(
        folder.resolve("key.pem"),
        pem("PRIVATE KEY", keys.getKey("origin", PASSWORD.toCharArray()).getEncoded()));
  }

  private static String pem(String what, byte[] content) {
    Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(what, lines.encodeToString(content));
  }

  /** The URLs of a row, a line each. */
  void writeUrls(Row row, Path file) throws IOException {
    String base =
        switch (row.where()) {
          case NOWHERE -> "";
          case HTTP -> "http://127.0.0.1:" + plain + "/small/";
          case HTTPS -> "https://127.0.0.1:" + secure + "/small/";
          case HTTP2 -> "https://127.0.0.1:" + http2 + "/small/";
          case NEW_TLS -> "https://127.0.0.1:" + closing + "/small/";
          case LARGE_HTTP -> "http://127.0.0.1:" + plain + "/large/";
          case LARGE_HTTPS -> "https://127.0.0.1:" + secure + "/large/";
          case GZIP -> "http://127.0.0.1:" + plain + "/gzip/";
        };
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < row.urls(); i++) {
      text.append(base).append(i).append('\n');
    }
    Files.writeString(file, text);
  }

  /** Forgets what has been asked for. */
  void forget() throws IOException {
    Files.write(log, new byte[0], StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** What is wrong with the requests since {@link #forget}; empty if each URL came once. */
  String complaint(Row row) throws IOException, InterruptedException {
    long asked = 0;
    for (int i = 0; i < 30; i++) { // nginx writes its log now and then
      try (Stream<String> lines = Files.lines(log)) {
        asked = lines.count();
      }
      if (asked >= row.urls()) {
        break;
      }
      Thread.sleep(100);
    }
    List<String> lines = Files.readAllLines(log);
    Set<String> different = new HashSet<>(lines);
    return lines.size() == row.urls() && different.size() == row.urls()
        ? ""
        : "asked " + lines.size() + " times for " + different.size() + " of " + row.urls();
  }

  @Override
  public void close() {
    nginx.close();
  }
}
