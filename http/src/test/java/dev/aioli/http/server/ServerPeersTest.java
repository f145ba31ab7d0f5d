package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.aioli.Asyncio;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.EndlessHandler;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.Nginx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Our server, asked by the programs that most of the world's requests come from. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
class ServerPeersTest {
  private static final byte[] LARGE = new byte[500_000];
  @TempDir private Path folder;

  private static HttpServerBuilder routes() {
    new Random(1).nextBytes(LARGE);
    return HttpServer.builder()
        .use(Compression.gzip())
        .get("/get", request -> ServerResponse.json(request.queryParameters()))
        .get("/text", request -> ServerResponse.text("some text ".repeat(1000)))
        .get("/large", request -> ServerResponse.bytes(LARGE))
        .get(
            "/stream",
            request ->
                ServerResponse.stream(
                    "a/b",
                    LARGE.length,
                    out -> {
                      for (int i = 0; i < LARGE.length; i += 10_000) {
                        out.write(java.util.Arrays.copyOfRange(LARGE, i, i + 10_000));
                      }
                    }))
        .post(
            "/size",
            request -> {
              long size = 0;
              for (byte[] part = request.read(); part != null; part = request.read()) {
                size += part.length;
              }
              return ServerResponse.text(size + "");
            })
        .post(
            "/form",
            request -> {
              Form form = request.form();
              Form.File file = form.file("f");
              return ServerResponse.text(
                  form.get("a") + " " + (file == null ? 0 : file.bytes().length));
            })
        .webSocket(
            "/ws",
            socket -> {
              for (String text = socket.receiveText(); text != null; text = socket.receiveText()) {
                socket.send("got " + text);
              }
            });
  }

  private static byte[] output(List<String> command) {
    return Asyncio.toThread(() -> {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      byte[] output = process.getInputStream().readAllBytes();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
      return output;
    });
  }

  private static boolean runs(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (java.io.IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] curl(String... arguments) {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "--fail", "-m", "50"));
    command.addAll(List.of(arguments));
    return output(command);
  }

  @Test
  void curl() throws Exception {
    assumeTrue(runs("curl", "--version"), "SKIPPED: there is no curl");
    Path large = Files.write(folder.resolve("large"), LARGE);
    Asyncio.run(() -> {
      try (var server = routes().files("/files", folder).start("127.0.0.1", 0)) {
        String url = server.url();
        assertThat(curl(url + "/get?a=1")).asString().isEqualTo("{\"a\":[\"1\"]}");
        assertThat(curl("-0", url + "/get?a=1")).asString().isEqualTo("{\"a\":[\"1\"]}");
        assertThat(curl("--compressed", url + "/text")).asString().startsWith("some text ");
        assertThat(curl(url + "/large")).isEqualTo(LARGE);
        assertThat(curl(url + "/stream")).isEqualTo(LARGE);
        assertThat(curl("--data-binary", "@" + large, url + "/size"))
            .asString()
            .isEqualTo("500000");
        assertThat(
                curl(
                    "-H",
                    "Expect: 100-continue",
                    "-T",
                    large.toString(),
                    "-X",
                    "POST",
                    url + "/size"))
            .asString()
            .isEqualTo("500000");
        assertThat(
                curl(
                    "-H",
                    "Transfer-Encoding: chunked",
                    "-T",
                    large.toString(),
                    "-X",
                    "POST",
                    url + "/size"))
            .asString()
            .isEqualTo("500000");
        assertThat(curl("-F", "a=1", "-F", "f=@" + large, url + "/form"))
            .asString()
            .isEqualTo("1 500000");
        assertThat(curl("-d", "a=%C3%B6", url + "/form")).asString().isEqualTo("\u00f6 0");
        assertThat(curl("-r", "10-19", url + "/files/large"))
            .isEqualTo(java.util.Arrays.copyOfRange(LARGE, 10, 20));
        assertThat(curl("-C", "100000", url + "/files/large")).hasSize(400_000);
        assertThat(new String(curl("-I", url + "/large"), StandardCharsets.US_ASCII))
            .containsIgnoringCase("content-length: 500000");
      }
    });
  }

  @Test
  void aiohttp() throws Exception {
    String python = "/usr/bin/python3";
    assumeTrue(runs(python, "-c", "import aiohttp"), "SKIPPED: there is no Python with aiohttp");
    Path script =
        Files.writeString(
            folder.resolve("client.py"),
            """
            import asyncio, sys, aiohttp
            async def main(url):
                async with aiohttp.ClientSession() as session:
                    async with session.get(url + '/get', params={'a': '1'}) as r:
                        print(await r.json())
                    async with session.get(url + '/text') as r:
                        print(r.headers['Content-Encoding'], len(await r.text()))
                    form = aiohttp.FormData()
                    form.add_field('a', '1')
                    form.add_field('f', b'x' * 100000, filename='f')
                    async with session.post(url + '/form', data=form) as r:
                        print(await r.text())
                    async def body():
                        for _ in range(10):
                            yield b'x' * 10000
                    async with session.post(url + '/size', data=body()) as r:
                        print(await r.text())
                    async with session.ws_connect(url + '/ws') as ws:
                        await ws.send_str('hello')
                        print(await ws.receive_str())
                        await ws.ping()
                        await ws.close()
                        print(ws.close_code)
                    async with session.ws_connect(url + '/ws', compress=15) as ws:
                        await ws.send_str('a' * 100000)
                        print(ws.compress, len(await ws.receive_str()))
                        await ws.send_str('')
                        print(await ws.receive_str())
            asyncio.run(main(sys.argv[1]))
            """);
    Asyncio.run(() -> {
      try (var server = routes().start("127.0.0.1", 0)) {
        assertThat(output(List.of(python, script.toString(), server.url())))
            .asString()
            .isEqualTo(
                "{'a': ['1']}\ngzip 10000\n1 100000\n100000\ngot hello\n1000\n15 100004\ngot \n");
      }
    });
  }

  @Test
  void nginxBeforeUs() throws Exception {
    assumeTrue(Nginx.program() != null, "SKIPPED: there is no nginx on the PATH or in /usr/sbin");
    Certificates.writePem(Certificates.selfSigned(folder, "localhost"), folder);
    EndlessHandler endless = new EndlessHandler();
    Asyncio.run(() -> {
      var builder = routes().get("/wait", endless);
      try (var server = builder.start("127.0.0.1", 0);
          var nginx =
              Nginx.start(
                  folder,
                  """
                  location / {
                    proxy_pass %s; proxy_http_version 1.1; client_max_body_size 100m;
                    proxy_request_buffering off; proxy_buffering off;
                    proxy_set_header Connection $http_connection;
                    proxy_set_header Upgrade $http_upgrade;
                  }
                  """
                      .formatted(server.url()));
          var http = HttpClient.create()) {
        String url = nginx.url();
        for (int i = 0; i < 20; i++) {
          assertThat(http.get(url + "/get?a=" + i).text()).isEqualTo("{\"a\":[\"" + i + "\"]}");
        }
        assertThat(http.get(url + "/large").bytes()).isEqualTo(LARGE);
        assertThat(http.get(url + "/stream").bytes()).isEqualTo(LARGE);
        assertThat(http.request(HttpRequest.of("POST", url + "/size").body(LARGE)).text())
            .isEqualTo("500000");
        try (var socket = http.webSocket(url.replace("http", "ws") + "/ws")) {
          socket.send("a");
          assertThat(socket.receiveText()).isEqualTo("got a");
        }
        var waiting = Asyncio.createTask(() -> http.get(url + "/wait"));
        endless.awaitRequest();
        waiting.cancel();
        endless.awaitCancelled(); // nginx hangs up on us as the client did on it
      }
    });
  }
}
