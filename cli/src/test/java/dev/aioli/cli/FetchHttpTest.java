package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.EventLoopThread;
import dev.aioli.http.Headers;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.HttpServerBuilder;
import dev.aioli.http.server.ServerRequest;
import dev.aioli.http.server.ServerResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code aioli fetch} in this JVM, asking servers of ours: what its options do on the wire. */
@Timeout(60)
class FetchHttpTest {
  private static final byte[] NO_TEXT = {(byte) 0xc3, 0x28, 0, (byte) 0xff};

  @TempDir private Path folder;
  private final EventLoopThread loop = EventLoopThread.start("server");
  private HttpServer server;

  @BeforeEach
  void startTheServer() throws Exception {
    server = loop.submit(() -> routes().start("127.0.0.1", 0)).get();
  }

  @AfterEach
  void stopTheServer() throws Exception {
    loop.submit(server::close).get();
    loop.close();
  }

  private static HttpServerBuilder routes() {
    return HttpServer.builder()
        .get("/hop/{n}", FetchHttpTest::hop)
        .get("/text", request -> body("text/plain; charset=utf-8", "grün €".getBytes(UTF_8)))
        .get("/latin", request -> body("text/plain; charset=latin1", "grün".getBytes(ISO_8859_1)))
        .get("/binary", request -> body("application/octet-stream", NO_TEXT));
  }

  /** /hop/3 leads to /hop/2 and so on to /hop/0. */
  private static ServerResponse hop(ServerRequest request) {
    int left = Integer.parseInt(request.pathParameter("n"));
    return left == 0
        ? ServerResponse.text("arrived")
        : ServerResponse.redirect("/hop/" + (left - 1));
  }

  private static ServerResponse body(String type, byte[] bytes) {
    return ServerResponse.of(200, Headers.of("Content-Type", type), bytes);
  }

  /** The exit code, and the results as they are in the file. */
  private record Run(int exitCode, List<String> results) {
    String result() {
      assertThat(results).hasSize(1);
      return results.getFirst();
    }
  }

  private Run fetch(String... args) throws IOException {
    Path results = folder.resolve("results.jsonl");
    List<String> all = new ArrayList<>(List.of("fetch", "--quiet", "--resume", results.toString()));
    all.addAll(List.of(args));
    int exitCode = Main.commandLine().execute(all.toArray(String[]::new));
    return new Run(exitCode, Files.readAllLines(results));
  }

  @Test
  void redirectsAreFollowedAndTheResultSaysWhereTo() throws Exception {
    Run run = fetch(server.url() + "/hop/10");
    assertThat(run.exitCode()).isZero();
    assertThat(run.result())
        .contains("\"url\":\"" + server.url() + "/hop/10\",\"status\":200,\"bytes\":7,")
        .contains("\"final_url\":\"" + server.url() + "/hop/0\"");
  }

  @Test
  void withoutRedirectsThereIsNoFinalUrl() throws Exception {
    assertThat(fetch(server.url() + "/hop/0").result()).doesNotContain("final_url");
  }

  @Test
  void withNoRedirectsTheyAreResults() throws Exception {
    Run run = fetch("--no-redirects", "--include-headers", server.url() + "/hop/2");
    assertThat(run.exitCode()).isZero();
    assertThat(run.result())
        .contains("\"status\":302,", "\"location\":\"/hop/1\"", "\"error\":null")
        .doesNotContain("final_url");
  }

  @Test
  void oneRedirectTooManyIsAFailure() throws Exception {
    Run run = fetch("--max-redirects", "2", server.url() + "/hop/{2,3}");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.results())
        .hasSize(2)
        .anyMatch(line -> line.contains("/hop/2\",\"status\":200"))
        .anyMatch(line ->
            line.contains("/hop/3\",\"status\":null")
                && line.contains("\"error\":{\"type\":\"redirect\",\"message\":"));
  }

  @Test
  void aCertificateThatNobodyVouchesForIsBelievedOnlyIfThatIsWanted() throws Exception {
    var context = SelfSigned.context(folder);
    HttpServer tls = loop.submit(() -> routes().sslContext(context).start("127.0.0.1", 0)).get();
    String url = "https://127.0.0.1:" + tls.port() + "/hop/0";
    try {
      Run careful = fetch(url);
      assertThat(careful.exitCode()).isEqualTo(1);
      assertThat(careful.result())
          .contains("\"status\":null", "\"error\":{\"type\":\"connect\"", "certificat");
      Run careless = fetch("--insecure", "--retry-failed", url);
      assertThat(careless.exitCode()).isZero();
      assertThat(careless.results().getLast()).contains("\"status\":200,\"bytes\":7,");
    } finally {
      loop.submit(tls::close).get();
    }
  }

  @Test
  void aBodyIsShownAsTextIfItIsOne() throws Exception {
    assertThat(fetch("--body", server.url() + "/{text,latin,binary}").results())
        .hasSize(3)
        .anyMatch(line -> line.contains("/text\"") && line.contains("\"body\":\"grün €\""))
        .anyMatch(line -> line.contains("/latin\"") && line.contains("\"body\":\"grün\""))
        .anyMatch(line ->
            line.contains("/binary\"")
                && line.contains("\"bytes\":4,")
                && line.contains("\"body_base64\":\"wygA/w==\"")
                && !line.contains("\"body\":"));
  }

  @Test
  void aProxyIsAskedForPlainUrls() throws Exception {
    try (Proxy proxy = new Proxy("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) {
      Run run = fetch("--body", "--proxy", proxy.url("me:pw@"), "http://nowhere.invalid/a?b=c");
      assertThat(run.exitCode()).isZero();
      assertThat(run.result()).contains("\"status\":200,\"bytes\":2,", "\"body\":\"ok\"");
      assertThat(proxy.heads).hasSize(1);
      assertThat(proxy.heads.getFirst())
          .startsWith("GET http://nowhere.invalid/a?b=c HTTP/1.1\n")
          .containsIgnoringCase("proxy-authorization: Basic bWU6cHc=\n");
    }
  }

  @Test
  void aProxyIsAskedForATunnelToSecureOnes() throws Exception {
    try (Proxy proxy = new Proxy("HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")) {
      Run run = fetch("--proxy", proxy.url(""), "https://nowhere.invalid/");
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.result()).contains("\"type\":\"connect\"", "407");
      assertThat(proxy.heads.getFirst()).startsWith("CONNECT nowhere.invalid:443 HTTP/1.1\n");
    }
  }

  /** Gives each connection one answer, and keeps what it was asked for. */
  private static final class Proxy implements AutoCloseable {
    final List<String> heads = new CopyOnWriteArrayList<>();
    private final ServerSocket listening =
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final String answer;

    Proxy(String answer) throws IOException {
      this.answer = answer;
      Thread.ofPlatform().daemon().start(this::run);
    }

    String url(String credentials) {
      return "http://" + credentials + "127.0.0.1:" + listening.getLocalPort();
    }

    private void run() {
      while (true) {
        try (Socket client = listening.accept()) {
          var in = new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
          StringBuilder head = new StringBuilder();
          for (String line; (line = in.readLine()) != null && !line.isEmpty(); ) {
            head.append(line).append('\n');
          }
          heads.add(head.toString());
          client.getOutputStream().write(answer.getBytes(US_ASCII));
        } catch (IOException closed) {
          return;
        }
      }
    }

    @Override
    public void close() throws IOException {
      listening.close();
    }
  }
}
