package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which version of HTTP the server is asked in. */
@Timeout(120)
class Http2FetchTest {
  private static final char[] PASSWORD = "secret".toCharArray();
  @TempDir private Path folder;

  private SSLContext serverContext() throws Exception {
    Path file = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(output).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD);
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private List<String> fetch(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("fetch", "--quiet", "--insecure", "--body"));
    all.addAll(List.of(arguments));
    try (Aioli aioli = Aioli.start(folder, all.toArray(String[]::new))) {
      List<String> lines = aioli.readLines();
      assertThat(aioli.exitCode()).as(aioli.stderr()).isZero();
      return lines;
    }
  }

  @Test
  void theOptionHasHttp2Spoken() throws Exception {
    SSLContext context = serverContext();
    Asyncio.run(() -> {
      try (var server =
          HttpServer.builder()
              .sslContext(context)
              .get("/", request -> ServerResponse.text(request.version()))
              .start("127.0.0.1", 0)) {
        String url = "https://127.0.0.1:" + server.port() + "/?a={1..20}";
        assertThat(Asyncio.toThread(() -> fetch("--http2", url)))
            .hasSize(20)
            .allMatch(line -> line.contains("\"body\":\"HTTP/2\""));
        assertThat(Asyncio.toThread(() -> fetch(url)))
            .hasSize(20)
            .allMatch(line -> line.contains("\"body\":\"HTTP/1.1\""));
      }
    });
  }
}
