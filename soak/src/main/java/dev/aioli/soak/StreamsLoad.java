package dev.aioli.soak;

import dev.aioli.net.Connection;
import dev.aioli.net.Streams;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;

/** Connections that get back what they send, or are cancelled or cut while they do. */
final class StreamsLoad implements Load {
  private final int port;

  StreamsLoad(Servers servers) {
    port = servers.echoPort();
  }

  @Override
  public String name() {
    return "streams";
  }

  @Override
  public Duration pause() {
    return Duration.ofMillis(10);
  }

  @Override
  public void step(Random random) throws IOException {
    switch (random.nextInt(4)) {
      case 0 -> Faults.cancelled(Faults.upTo(10, random), () -> echo(random, 1_000_000));
      case 1 -> cut(random);
      default -> echo(random, 1 + random.nextInt(5));
    }
  }

  private void echo(Random random, int times) throws IOException {
    try (Connection connection = Streams.openConnection("127.0.0.1", port)) {
      for (int i = 0; i < times; i++) {
        byte[] sent = Faults.bytes(20_000, random);
        connection.writer().write(sent);
        byte[] got = connection.reader().readExactly(sent.length);
        Faults.checkEqual(sent, got, "echo");
      }
    }
  }

  private void cut(Random random) throws IOException {
    try (Connection connection = Streams.openConnection("127.0.0.1", port)) {
      connection.writer().write(Faults.bytes(100_000, random));
      connection.writer().abort();
    }
  }
}
