package dev.aioli.soak;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.aioli.http.client.Http2;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpException;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.client.StreamedResponse;
import java.time.Duration;
import java.util.Random;

/** One client that asks, gives up, is cancelled and is cut off. */
final class HttpLoad implements Load, AutoCloseable {
  private final String name;
  private final String url;
  private final HttpClient http;

  HttpLoad(Servers servers, Http2 version) {
    name = version == Http2.OFF ? "http/1.1" : "http/2";
    url = servers.url();
    http = HttpClient.builder().http2(version).limit(20).build();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Duration pause() {
    return Duration.ofMillis(10);
  }

  @Override
  public void step(Random random) {
    switch (random.nextInt(10)) {
      case 0 -> slow(random);
      case 1 -> cancelled(random);
      case 2 -> abandoned();
      case 3 -> broken();
      case 4, 5, 6 -> echo(random);
      default -> hello(random);
    }
  }

  private void hello(Random random) {
    int number = random.nextInt();
    String answer = http.get(url + "/hello?n=" + number).raiseForStatus().text();
    Faults.checkEqual(("hello " + number).getBytes(UTF_8), answer.getBytes(UTF_8), "/hello");
  }

  private void echo(Random random) {
    byte[] sent = Faults.bytes(50_000, random);
    byte[] got = http.request(HttpRequest.post(url + "/echo").body(sent)).raiseForStatus().bytes();
    Faults.checkEqual(sent, got, "/echo");
  }

  private void slow(Random random) {
    try {
      http.request(HttpRequest.get(url + "/slow").timeout(Faults.upTo(50, random)));
      throw new AssertionError("/slow: expected no answer in time");
    } catch (HttpException.TimedOut e) {
      // As was asked for.
    }
  }

  private void cancelled(Random random) {
    Faults.cancelled(
        Faults.upTo(20, random),
        () -> {
          try (StreamedResponse response = http.stream(HttpRequest.get(url + "/stream"))) {
            while (response.read() != null) {
              // Until somebody has had enough.
            }
          }
        });
  }

  private void abandoned() {
    try (StreamedResponse response = http.stream(HttpRequest.get(url + "/stream"))) {
      if (response.read() == null) {
        throw new AssertionError("/stream: expected a body");
      }
    }
  }

  private void broken() {
    try {
      http.get(url + "/broken");
      throw new AssertionError("/broken: expected to be cut off");
    } catch (HttpException e) {
      // As was asked for.
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
