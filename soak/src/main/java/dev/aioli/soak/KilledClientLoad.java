package dev.aioli.soak;

import static dev.aioli.Asyncio.sleep;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.aioli.net.Connection;
import dev.aioli.net.Streams;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;

/** HTTP clients that die somewhere in a request or a response, or talk nonsense. */
final class KilledClientLoad implements Load {
  private static final byte[] POST =
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n".getBytes(US_ASCII);
  private static final byte[] STREAM = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII);
  private static final byte[] SLOW = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII);

  private final int port;

  KilledClientLoad(Servers servers) {
    port = servers.httpPort();
  }

  @Override
  public String name() {
    return "killed clients";
  }

  @Override
  public Duration pause() {
    return Duration.ofMillis(20);
  }

  @Override
  public void step(Random random) throws IOException {
    try (Connection connection = Streams.openConnection("127.0.0.1", port)) {
      connection.writer().write(request(random));
      try {
        connection.writer().drain();
        if (random.nextBoolean()) {
          sleep(Faults.upTo(10, random));
        }
      } catch (IOException e) {
        // The server was faster to hang up on the nonsense.
      }
      if (random.nextInt(4) != 0) {
        connection.writer().abort(); // with a body unread that is a reset
      }
    }
  }

  private static byte[] request(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> Arrays.copyOf(POST, 1 + random.nextInt(POST.length));
      case 1 -> STREAM;
      case 2 -> SLOW;
      default -> Faults.bytes(500, random);
    };
  }
}
