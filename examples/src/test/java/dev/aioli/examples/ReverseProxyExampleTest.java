package dev.aioli.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.server.HttpServer;
import dev.aioli.httpbin.Httpbin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ReverseProxyExampleTest {
  @Test
  void aHeadTakesNoPlaceInThePoolForGood() {
    Asyncio.run(() -> {
      try (var httpbin = Httpbin.start();
          var one = HttpClient.builder().limit(1).build();
          var http = HttpClient.create();
          var proxy = start(new ReverseProxyExample(one, httpbin.url()))) {
        String url = proxy.url() + "/drip?numbytes=1000000&duration=0";
        for (int i = 0; i < 3; i++) {
          assertThat(http.request(HttpRequest.of("HEAD", url)).status()).isEqualTo(200);
        }
        assertThat(http.get(url).bytes()).hasSize(1_000_000);
      }
    });
  }

  @Test
  void aServerThatCannotBeReachedIsABadGateway() {
    Asyncio.run(() -> {
      var gone = Httpbin.start();
      gone.close();
      try (var http = HttpClient.create();
          var proxy = start(new ReverseProxyExample(http, gone.url()))) {
        var response = http.get(proxy.url() + "/get");
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.text()).contains("the server behind the proxy: ");
      }
    });
  }

  private static HttpServer start(ReverseProxyExample example) throws Exception {
    return HttpServer.builder().get("/{path...}", example::forward).start("127.0.0.1", 0);
  }
}
