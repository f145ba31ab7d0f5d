package dev.aioli.http;

import static dev.aioli.http.CompressedWebSockets.compressing;
import static dev.aioli.http.CompressedWebSockets.deflated;
import static dev.aioli.http.CompressedWebSockets.frame;
import static dev.aioli.http.CompressedWebSockets.upgraded;
import static dev.aioli.http.testing.WebSockets.readCloseCode;
import static dev.aioli.http.testing.WebSockets.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.aioli.Asyncio;
import dev.aioli.http.CompressedWebSockets.Upgraded;
import dev.aioli.http.WebSocketOptions.Compress;
import dev.aioli.http.client.HttpException;
import dev.aioli.http.client.WebSocketClient;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.testing.WebSockets;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** permessage-deflate, RFC 7692. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class WebSocketCompressionTest {
  private static final WebSocketOptions OFFERING =
      WebSocketOptions.DEFAULT.withCompress(Compress.OFFER);
  private static final int TEXT = 1;

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @Test
  void messagesAreTheSameAfterwards() {
    with(
        WebSocketOptions.DEFAULT,
        WebSockets::echo,
        (server, url) -> {
          try (var socket = WebSocketClient.create().with(OFFERING).connect(url)) {
            assertThat(socket.compressed()).isTrue();
            for (String text : List.of("", "a", "a", "\u00f6".repeat(100_000), "")) {
              socket.send(text);
              assertThat(socket.receiveText()).isEqualTo(text);
            }
            byte[] noise = random(100_000);
            socket.send(noise);
            assertThat(((WebSocket.Binary) socket.receive()).bytes()).isEqualTo(noise);
            socket.send(new byte[0]);
            assertThat(((WebSocket.Binary) socket.receive()).bytes()).isEmpty();
            socket.ping();
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "OFFER, ACCEPT, true",
    "OFFER, OFFER, true",
    "OFFER, NEVER, false",
    "ACCEPT, ACCEPT, false",
    "NEVER, OFFER, false"
  })
  void bothMustAgree(Compress client, Compress server, boolean compressed) {
    with(
        WebSocketOptions.DEFAULT.withCompress(server),
        socket -> socket.send(socket.compressed() + ""),
        (listening, url) -> {
          var options = WebSocketOptions.DEFAULT.withCompress(client);
          try (var socket = WebSocketClient.create().with(options).connect(url)) {
            assertThat(socket.compressed()).isEqualTo(compressed);
            assertThat(socket.receiveText()).isEqualTo(compressed + "");
          }
        });
  }

  // ---- on the wire

  /** The bytes of messages in a short frame each. */
  private static byte[] readFrame(RawClient client) {
    byte[] start = client.readBytes(2);
    assertThat(start[0] & 0xff).isEqualTo(0xc0 | TEXT); // the last fragment, compressed
    assertThat(start[1]).isBetween((byte) 0, (byte) 125);
    return client.readBytes(start[1]);
  }

  @Test
  void whatGoesOverTheWireIsLess() {
    with(
        WebSocketOptions.DEFAULT,
        socket -> {
          socket.send("a".repeat(10_000));
          socket.receive();
        },
        (server, url) -> {
          try (var client = compressing(server)) {
            assertThat(readFrame(client)).hasSizeLessThan(50);
          }
        });
    with(
        WebSocketOptions.DEFAULT.withMaxMessageBytes(1000),
        socket -> {
          socket.send("a".repeat(100));
          socket.send("a".repeat(100));
        },
        (server, url) -> {
          Upgraded remembering = upgraded(server, "permessage-deflate; client_max_window_bits");
          assertThat(remembering.head())
              .containsIgnoringCase("sec-websocket-extensions: permessage-deflate\r\n");
          try (var client = remembering.client()) {
            int first = readFrame(client).length;
            assertThat(readFrame(client)).hasSizeLessThan(first); // it refers to the first
          }
          Upgraded forgetting = upgraded(server, "permessage-deflate; server_no_context_takeover");
          assertThat(forgetting.head())
              .containsIgnoringCase(
                  "extensions: permessage-deflate; server_no_context_takeover\r\n");
          try (var client = forgetting.client()) {
            byte[] first = readFrame(client);
            assertThat(readFrame(client)).isEqualTo(first);
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "permessage-deflate; server_max_window_bits=10, false", // we cannot
    "permessage-deflate; unheard_of, false",
    "permessage-deflate; client_max_window_bits=99, false",
    "x-webkit-deflate-frame, false",
    "'x-other, permessage-deflate; client_max_window_bits', true",
    "'permessage-deflate; server_max_window_bits=10, permessage-deflate', true"
  })
  void theFirstOfferThatCanBeMetIsTaken(String offers, boolean taken) {
    with(
        WebSocketOptions.DEFAULT,
        WebSockets::echo,
        (server, url) -> {
          Upgraded answer = upgraded(server, offers);
          try (var client = answer.client()) {
            if (taken) {
              assertThat(answer.head())
                  .containsIgnoringCase("sec-websocket-extensions: permessage-deflate\r\n");
              client.send(frame(0xc1, deflated("hello")));
              assertThat(readFrame(client)).isNotEmpty();
            } else {
              assertThat(answer.head()).doesNotContainIgnoringCase("sec-websocket-extensions");
              client.send(frame(0x81, new byte[] {'a'}));
              assertThat(client.readBytes(3)).isEqualTo(new byte[] {(byte) 0x81, 1, 'a'});
            }
          }
        });
  }

  @Test
  void fragmentsAndMessagesThatAreNotCompressedAreUnderstood() {
    with(
        WebSocketOptions.DEFAULT,
        socket -> {
          assertThat(socket.receiveText()).isEqualTo("a".repeat(1000));
          assertThat(socket.receiveText()).isEqualTo("plain");
          assertThat(socket.receiveText()).isEmpty();
          assertThat(socket.receiveText()).isEqualTo("b");
          socket.close(4000, "");
        },
        (server, url) -> {
          try (var client = compressing(server)) {
            byte[] bytes = deflated("a".repeat(1000));
            client.send(frame(0x41, Arrays.copyOf(bytes, 3)));
            client.send(frame(0x80, Arrays.copyOfRange(bytes, 3, bytes.length)));
            client.send(frame(0x81, "plain".getBytes(StandardCharsets.US_ASCII)));
            client.send(frame(0xc1, new byte[] {0}));
            client.send(frame(0xc1, deflated("b")));
            assertThat(readCloseCode(client)).isEqualTo(4000);
          }
        });
  }

  // ---- limits

  @Test
  void aBombIsNotInflated() {
    int limit = 1024 * 1024;
    byte[] bomb = deflated(new byte[128 * limit]);
    assertThat(bomb).hasSizeLessThan(limit);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    with(
        WebSocketOptions.DEFAULT.withMaxMessageBytes(limit),
        WebSockets::echo,
        (server, url) -> {
          try (var client = compressing(server)) {
            String frame = frame(0xc2, bomb);
            long before = threads.getTotalThreadAllocatedBytes();
            client.send(frame);
            assertThat(readCloseCode(client)).isEqualTo(1009);
            assertThat(threads.getTotalThreadAllocatedBytes() - before).isLessThan(32L * limit);
          }
        });
  }

  @Test
  void aBombInFragmentsIsNotInflatedEither() {
    byte[] part = deflated(new byte[60]);
    with(
        WebSocketOptions.DEFAULT.withMaxMessageBytes(100),
        WebSockets::echo,
        (server, url) -> {
          try (var client = compressing(server)) {
            // What is cut off of each part goes between them.
            byte[] first = Arrays.copyOf(part, part.length + 4);
            first[part.length + 2] = first[part.length + 3] = (byte) 0xff;
            client.send(frame(0x42, first));
            client.send(frame(0x80, part));
            assertThat(readCloseCode(client)).isEqualTo(1009);
          }
        });
  }

  @Test
  void theLimitIsThatOfTheMessageNotOfTheFrame() {
    int limit = 100_000;
    with(
        WebSocketOptions.DEFAULT.withMaxMessageBytes(limit),
        WebSockets::echo,
        (server, url) -> {
          var client = WebSocketClient.create().with(OFFERING.withMaxMessageBytes(limit));
          try (var socket = client.connect(url)) {
            byte[] noise = random(limit); // becomes larger
            socket.send(noise);
            assertThat(((WebSocket.Binary) socket.receive()).bytes()).isEqualTo(noise);
            socket.send("a".repeat(limit));
            assertThat(socket.receiveText()).hasSize(limit);
            socket.send("a".repeat(limit + 1));
            assertThat(socket.receive()).isNull();
            assertThat(socket.closeCode()).isEqualTo(1009);
          }
        });
  }

  @Test
  void theClientsLimitHoldsToo() {
    with(
        WebSocketOptions.DEFAULT,
        WebSockets::echo,
        (server, url) -> {
          var client = WebSocketClient.create().with(OFFERING.withMaxMessageBytes(100));
          for (int length : new int[] {101, 1_000_000}) {
            try (var socket = client.connect(url)) {
              socket.send("a".repeat(100));
              assertThat(socket.receiveText()).hasSize(100);
              socket.send("a".repeat(length));
              assertThat(socket.receive()).isNull();
              assertThat(socket.closeCode()).isEqualTo(1009);
            }
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "c1, ffffffff, 1007", // not deflate
    "c1, fa0f00, 1007", // decompressed, it is not UTF-8
    "a1, 61, 1002", // another reserved bit
    "c9, 61, 1002", // a ping that says it is compressed
  })
  void whatBreaksTheRulesCloses(String start, String payload, int code) {
    byte[] bytes = HexFormat.of().parseHex(payload);
    int first = Integer.parseInt(start, 16);
    with(
        WebSocketOptions.DEFAULT,
        WebSockets::echo,
        (server, url) -> {
          try (var client = compressing(server)) {
            client.send(frame(first, bytes));
            assertThat(readCloseCode(client)).isEqualTo(code);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ";;",
        ";",
        "=",
        "permessage-deflate; server_max_window_bits=abc",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; client_max_window_bits=\"",
        "permessage-deflate; client_max_window_bits=99999999999",
        "permessage-deflate; a; a",
        "permessage deflate",
      })
  void aMalformedOfferIsDeclinedAndTheNextOneTaken(String offer) {
    with(
        WebSocketOptions.DEFAULT,
        WebSockets::echo,
        (server, url) -> {
          try (var client = upgraded(server, offer).client()) {
            client.send(frame(0x81, "a".getBytes(StandardCharsets.UTF_8)));
            assertThat(client.readBytes(3)).isEqualTo(new byte[] {(byte) 0x81, 1, 'a'});
          }
          Upgraded next = upgraded(server, offer + ", permessage-deflate");
          next.client().close();
          assertThat(next.head()).containsIgnoringCase("extensions: permessage-deflate\r\n");
        });
  }

  @ParameterizedTest
  @CsvSource({
    "OFFER, ;;",
    "OFFER, permessage-deflate; server_max_window_bits=abc",
    "OFFER, permessage-deflate; a=\"",
    "ACCEPT, =",
  })
  void aServerThatAnswersNonsenseIsRefused(Compress compress, String answer) {
    Asyncio.run(() -> {
      try (var server =
          ScriptedServer.answering(
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                  + "Sec-WebSocket-Extensions: "
                  + answer
                  + "\r\n\r\n")) {
        var client = WebSocketClient.create().with(WebSocketOptions.DEFAULT.withCompress(compress));
        assertThatThrownBy(() -> client.connect("ws://127.0.0.1:" + server.port()))
            .isInstanceOf(HttpException.ProtocolError.class);
      }
    });
  }

  @ParameterizedTest
  @CsvSource({
    "ACCEPT, permessage-deflate",
    "OFFER, permessage-deflate; client_max_window_bits=7",
    "OFFER, permessage-deflate; server_no_context_takeover=1",
    "OFFER, x-other",
    "OFFER, 'permessage-deflate, x-other'"
  })
  void aServerThatWantsWhatWasNotOfferedIsRefused(Compress compress, String answer) {
    Asyncio.run(() -> {
      try (var server =
          ScriptedServer.answering(
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                  + "Sec-WebSocket-Extensions: "
                  + answer
                  + "\r\n\r\n")) {
        var client = WebSocketClient.create().with(WebSocketOptions.DEFAULT.withCompress(compress));
        assertThatThrownBy(() -> client.connect("ws://127.0.0.1:" + server.port()))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining("no extension that was not offered")
            .hasMessageContaining(answer);
      }
    });
  }

  // ---- a peer

  private static boolean hasAiohttp(String python) {
    try {
      return new ProcessBuilder(python, "-c", "import aiohttp").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void ourClientAgainstAiohttp(@TempDir Path folder) throws Exception {
    String python = "/usr/bin/python3";
    assumeTrue(hasAiohttp(python), "SKIPPED: there is no Python with aiohttp");
    Path script =
        Files.writeString(
            folder.resolve("server.py"),
            """
            import asyncio, sys
            from aiohttp import web, WSMsgType
            async def ws(request):
                socket = web.WebSocketResponse()
                await socket.prepare(request)
                await socket.send_str(str(socket.compress))
                async for message in socket:
                    await socket.send_str(message.data)
                return socket
            async def main():
                app = web.Application()
                app.router.add_get('/', ws)
                runner = web.AppRunner(app)
                await runner.setup()
                site = web.TCPSite(runner, '127.0.0.1', 0)
                await site.start()
                print(site._server.sockets[0].getsockname()[1], flush=True)
                await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
                await runner.cleanup()
            asyncio.run(main())
            """);
    Process process =
        new ProcessBuilder(python, script.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var out = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
      String url = "ws://127.0.0.1:" + out.readLine() + "/";
      Asyncio.run(() -> {
        try (var socket = WebSocketClient.create().with(OFFERING).connect(url)) {
          assertThat(socket.compressed()).isTrue();
          assertThat(socket.receiveText()).isEqualTo("15");
          for (String text : List.of("a".repeat(100_000), "", "b", "b")) {
            socket.send(text);
            assertThat(socket.receiveText()).isEqualTo(text);
          }
        }
        try (var socket = WebSocketClient.create().connect(url)) {
          assertThat(socket.compressed()).isFalse();
          assertThat(socket.receiveText()).isEqualTo("0");
        }
      });
    } finally {
      process.destroy();
      process.waitFor();
    }
  }
}
