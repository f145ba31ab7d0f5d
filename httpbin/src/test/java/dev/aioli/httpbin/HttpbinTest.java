package dev.aioli.httpbin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.http.HttpClient;
import dev.aioli.http.HttpRequest;
import dev.aioli.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HttpbinTest {
  @Test
  void getEchoesArgsHeadersOriginAndUrl() {
    Asyncio.run(() -> {
      try (var httpbin = Httpbin.start();
          var http = HttpClient.create()) {
        String url = httpbin.url() + "/get?a=1&b=x%20y&b=z";
        HttpResponse response = http.request(HttpRequest.get(url).header("X-Test", "yes"));
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.headers().get("content-type")).isEqualTo("application/json");
        var json = response.json();
        assertThat(json.at("/args/a").asString()).isEqualTo("1");
        assertThat(json.at("/args/b/1").asString()).isEqualTo("z");
        assertThat(json.at("/headers/X-Test").asString()).isEqualTo("yes");
        assertThat(json.at("/origin").asString()).isEqualTo("127.0.0.1");
        assertThat(json.at("/url").asString()).isEqualTo(url);
      }
    });
  }

  @Test
  void countsRequestsInFlight() {
    Asyncio.run(() -> {
      try (var httpbin = Httpbin.start();
          var http = HttpClient.builder().limit(6).build()) {
        List<Task<HttpResponse>> tasks = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
          tasks.add(Asyncio.createTask(() -> http.get(httpbin.url() + "/delay/0.05")));
        }
        assertThat(Asyncio.gather(tasks)).allMatch(HttpResponse::ok);
        assertThat(httpbin.maxInFlight()).isEqualTo(6);
        assertThat(httpbin.total()).isEqualTo(12);
        assertThat(http.get(httpbin.url() + "/stats").text())
            .isEqualTo("{\"in_flight\":0,\"max_in_flight\":6,\"total\":12}");
      }
    });
  }
}
