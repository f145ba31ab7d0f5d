package dev.aioli.httpbin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.client.HttpResponse;
import dev.aioli.http.client.StreamedResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class HttpbinTest {
  private interface Body {
    void run(Asker asker) throws Exception;
  }

  /** A client that leaves redirects and codings to the test, whatever the default is. */
  private record Asker(Httpbin httpbin, HttpClient http) {
    HttpResponse send(String method, String path, String body, String... headers) {
      HttpRequest request = HttpRequest.of(method, httpbin.url() + path);
      for (int i = 0; i < headers.length; i += 2) {
        request = request.header(headers[i], headers[i + 1]);
      }
      return http.request(body.isEmpty() ? request : request.body(body));
    }

    HttpResponse get(String path, String... headers) {
      return send("GET", path, "", headers);
    }

    JsonNode json(String path, String... headers) {
      return get(path, headers).json();
    }

    int status(String path, String... headers) {
      return get(path, headers).status();
    }
  }

  private static void with(Body body) {
    Asyncio.run(() -> {
      try (var httpbin = Httpbin.start();
          var http = HttpClient.create()) {
        body.run(new Asker(httpbin, http));
      }
    });
  }

  @Test
  void getEchoesArgsHeadersOriginAndUrl() {
    with(asker -> {
      String path = "/get?a=1&b=x%20y&b=z";
      HttpResponse response = asker.get(path, "X-Test", "yes");
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.headers().get("content-type")).isEqualTo("application/json");
      var json = response.json();
      assertThat(json.at("/args/a").asString()).isEqualTo("1");
      assertThat(json.at("/args/b/1").asString()).isEqualTo("z");
      assertThat(json.at("/headers/X-Test").asString()).isEqualTo("yes");
      assertThat(json.at("/origin").asString()).isEqualTo("127.0.0.1");
      assertThat(json.at("/url").asString()).isEqualTo(asker.httpbin.url() + path);
      assertThat(asker.json("/ip").at("/origin").asString()).isEqualTo("127.0.0.1");
      assertThat(asker.json("/headers", "X-A", "b").at("/headers/X-A").asString()).isEqualTo("b");
      assertThat(asker.json("/user-agent", "User-Agent", "me").at("/user-agent").asString())
          .isEqualTo("me");
      assertThat(asker.json("/uuid").at("/uuid").asString()).hasSize(36);
    });
  }

  @Test
  void postEchoesTheBody() {
    with(asker -> {
      for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
        String path = "/" + method.toLowerCase(java.util.Locale.ROOT);
        JsonNode json = asker.send(method, path, "{\"x\":[1]}").json();
        assertThat(json.at("/data").asString()).isEqualTo("{\"x\":[1]}");
        assertThat(json.at("/json/x/0").asInt()).isEqualTo(1);
      }
      String urlencoded = "application/x-www-form-urlencoded";
      JsonNode form = asker.send("POST", "/post", "a=1&a=2", "Content-Type", urlencoded).json();
      assertThat(form.at("/form/a/1").asString()).isEqualTo("2");
      assertThat(form.at("/data").asString()).isEmpty();
      String file =
          "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\nabc\r\n--X--\r\n";
      JsonNode upload =
          asker
              .send("POST", "/post", file, "Content-Type", "multipart/form-data; boundary=X")
              .json();
      assertThat(upload.at("/files/f").asString()).isEqualTo("abc");
      JsonNode anything = asker.send("PURGE", "/anything/a/b?c=d", "no json").json();
      assertThat(anything.at("/method").asString()).isEqualTo("PURGE");
      assertThat(anything.at("/json").isNull()).isTrue();
      assertThat(anything.at("/args/c").asString()).isEqualTo("d");
    });
  }

  @Test
  void statusesAreDrawnByWeight() {
    with(asker -> {
      assertThat(asker.status("/status/418")).isEqualTo(418);
      assertThat(asker.status("/status/200:0,503:1")).isEqualTo(503);
      TreeSet<Integer> seen = new TreeSet<>();
      for (int i = 0; i < 200; i++) {
        seen.add(asker.status("/status/200,201,202"));
      }
      assertThat(seen).containsExactly(200, 201, 202);
      assertThat(asker.status("/status/99")).isEqualTo(400);
      assertThat(asker.status("/status/x")).isEqualTo(400);
      assertThat(asker.get("/status/401").headers().get("www-authenticate")).isNotNull();
    });
  }

  @Test
  void redirects() {
    with(asker -> {
      String base = asker.httpbin.url();
      String[][] steps = {
        {"/redirect/1", "/get"},
        {"/redirect/3", "/relative-redirect/2"},
        {"/absolute-redirect/2", base + "/absolute-redirect/1"},
        {"/redirect-to?url=%2Fx&status_code=307", "/x"},
      };
      for (String[] step : steps) {
        assertThat(locationOf(asker, step[0])).isEqualTo(step[1]);
      }
      assertThat(asker.status("/redirect/0")).isEqualTo(400);
      assertThat(asker.status("/redirect-to")).isEqualTo(400);
      assertThat(asker.status("/redirect-to?url=%0d%0a")).isEqualTo(400);
      assertThat(asker.status("/redirect-to?url=%E2%82%AC")).isEqualTo(400);
    });
  }

  /** By the JDK's client, which follows no redirect. */
  private static String locationOf(Asker asker, String path) {
    return Asyncio.toThread(() -> {
      var connection =
          (java.net.HttpURLConnection)
              java.net.URI.create(asker.httpbin.url() + path).toURL().openConnection();
      connection.setInstanceFollowRedirects(false);
      assertThat(connection.getResponseCode()).isBetween(300, 399);
      return connection.getHeaderField("Location");
    });
  }

  @Test
  void cookiesAndPasswords() {
    with(asker -> {
      assertThat(asker.json("/cookies", "Cookie", "a=1; b=2").toString())
          .isEqualTo("{\"cookies\":{\"a\":\"1\",\"b\":\"2\"}}");
      assertThat(locationOf(asker, "/cookies/set?a=1")).isEqualTo("/cookies");
      assertThat(locationOf(asker, "/cookies/set/a/1")).isEqualTo("/cookies");
      assertThat(locationOf(asker, "/cookies/delete?a")).isEqualTo("/cookies");
      assertThat(asker.status("/cookies/set?a=%3B")).isEqualTo(400);
      String basic = "Basic dTpw"; // u:p
      assertThat(asker.json("/basic-auth/u/p", "Authorization", basic).toString())
          .isEqualTo("{\"authenticated\":true,\"user\":\"u\"}");
      assertThat(asker.status("/basic-auth/u/q", "Authorization", basic)).isEqualTo(401);
      assertThat(asker.status("/basic-auth/u/p", "Authorization", "Basic ???")).isEqualTo(401);
      assertThat(asker.status("/hidden-basic-auth/u/p")).isEqualTo(404);
      assertThat(asker.status("/bearer")).isEqualTo(401);
      assertThat(asker.json("/bearer", "Authorization", "Bearer t").at("/token").asString())
          .isEqualTo("t");
    });
  }

  @Test
  void bodiesOfAllKinds() {
    with(asker -> {
      assertThat(asker.get("/bytes/1000?seed=1").bytes())
          .hasSize(1000)
          .isEqualTo(asker.get("/stream-bytes/1000?seed=1&chunk_size=7").bytes());
      assertThat(asker.get("/bytes/0").bytes()).isEmpty();
      assertThat(asker.status("/bytes/-1")).isEqualTo(400);
      List<String> lines = asker.get("/stream/3").text().lines().toList();
      assertThat(lines).hasSize(3);
      assertThat(JsonMapper.shared().readTree(lines.get(2)).at("/id").asInt()).isEqualTo(2);
      HttpResponse drip = asker.get("/drip?numbytes=5&duration=0.01&code=201");
      assertThat(drip.text()).isEqualTo("*****");
      assertThat(drip.status()).isEqualTo(201);
      assertThat(asker.get("/range/30").text()).isEqualTo("abcdefghijklmnopqrstuvwxyzabcd");
      HttpResponse part = asker.get("/range/30", "Range", "bytes=25-26");
      assertThat(part.status()).isEqualTo(206);
      assertThat(part.text()).isEqualTo("za");
      assertThat(part.headers().get("content-range")).isEqualTo("bytes 25-26/30");
      assertThat(asker.status("/range/30", "Range", "bytes=30-")).isEqualTo(416);
      assertThat(asker.get("/base64/YW9saQ%3D%3D").text()).isEqualTo("aoli");
      assertThat(asker.status("/base64/!")).isEqualTo(400);
      assertThat(asker.json("/json").at("/slideshow/slides/1/title").asString())
          .isEqualTo("Suspend");
      assertThat(asker.get("/html").text()).contains("<h1>");
      assertThat(asker.get("/xml").headers().get("content-type")).isEqualTo("application/xml");
      assertThat(asker.get("/robots.txt").text()).contains("Disallow: /deny");
      assertThat(asker.get("/encoding/utf8").text()).contains("\ud83d\ude00");
      assertThat(asker.get("/image/png").bytes()).startsWith(0x89, 'P', 'N', 'G');
      assertThat(asker.get("/response-headers?X-A=b").headers().get("x-a")).isEqualTo("b");
    });
  }

  @Test
  void compressedBodiesSaySo() {
    with(asker -> {
      for (String coding : List.of("gzip", "deflate")) {
        Asyncio.toThread(() -> {
          var in = java.net.URI.create(asker.httpbin.url() + "/" + coding).toURL().openStream();
          try (in;
              var plain =
                  coding.equals("gzip")
                      ? new java.util.zip.GZIPInputStream(in)
                      : new java.util.zip.InflaterInputStream(in)) {
            JsonNode json = JsonMapper.shared().readTree(plain.readAllBytes());
            assertThat(json.at("/method").asString()).isEqualTo("GET");
          }
          return true;
        });
      }
    });
  }

  @Test
  void caches() {
    with(asker -> {
      assertThat(asker.status("/cache")).isEqualTo(200);
      assertThat(asker.status("/cache", "If-None-Match", "x")).isEqualTo(304);
      assertThat(asker.get("/cache/60").headers().get("cache-control"))
          .isEqualTo("public, max-age=60");
      assertThat(asker.get("/etag/a").headers().get("etag")).isEqualTo("\"a\"");
      assertThat(asker.status("/etag/%0d")).isEqualTo(400);
      assertThat(asker.status("/etag/a", "If-None-Match", "\"a\"")).isEqualTo(304);
      assertThat(asker.status("/etag/a", "If-Match", "\"b\"")).isEqualTo(412);
    });
  }

  @Test
  void theIndexListsWhatThereIs() {
    with(asker -> {
      HttpResponse index = asker.get("/");
      assertThat(index.headers().get("content-type")).startsWith("text/html");
      assertThat(index.text()).contains("/status/{codes}", "/basic-auth/", "/drip", "POST");
    });
  }

  @Test
  void aDelayThatIsCutOffIsCancelled() {
    with(asker -> {
      HttpRequest request = HttpRequest.get(asker.httpbin.url() + "/delay/10");
      Task<StreamedResponse> task = Asyncio.createTask(() -> asker.http.stream(request));
      while (asker.httpbin.inFlight() == 0) {
        Asyncio.sleep(java.time.Duration.ZERO);
      }
      task.cancel();
      while (asker.httpbin.inFlight() > 0) {
        Asyncio.sleep(java.time.Duration.ZERO);
      }
      assertThat(asker.status("/delay/11")).isEqualTo(400);
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
