package dev.aioli.soak;

import dev.aioli.http.WebSocket;
import dev.aioli.http.client.HttpClient;
import java.time.Duration;
import java.util.Random;

/** WebSockets that talk and are closed, or that nobody closes before the client goes. */
final class WebSocketLoad implements Load {
  private final String url;

  WebSocketLoad(Servers servers) {
    url = servers.url().replaceFirst("http", "ws") + "/chat";
  }

  @Override
  public String name() {
    return "websockets";
  }

  @Override
  public Duration pause() {
    return Duration.ofMillis(50);
  }

  @Override
  public void step(Random random) throws Exception {
    if (random.nextInt(4) == 0) {
      Faults.cancelled(Faults.upTo(10, random), () -> talk(random, 1_000_000));
    } else {
      talk(random, 1 + random.nextInt(5));
    }
  }

  private void talk(Random random, int messages) throws Exception {
    try (HttpClient http = HttpClient.create();
        WebSocket socket = http.webSocket(url)) {
      for (int i = 0; i < messages; i++) {
        String text = "x".repeat(random.nextInt(2000)) + i;
        socket.send(text);
        if (!text.equals(socket.receiveText())) {
          throw new AssertionError("/chat: expected the text back");
        }
      }
    }
  }
}
