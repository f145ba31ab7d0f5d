package dev.aioli.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import dev.aioli.Asyncio;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.client.HttpResponse;
import dev.aioli.http.client.Multipart;
import dev.aioli.http.client.RequestBody;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A client and a server with a {@link JsonCodec} of their own. */
class ChosenJsonCodecTest {
  public record Person(String firstName) {}

  /** Writes names with underscores, so that one sees who wrote. */
  private static final JsonCodec SNAKES =
      new Jackson2Codec(
          new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE));

  private interface Body {
    void run(HttpClient http, String url) throws Exception;
  }

  private static void with(@Nullable JsonCodec client, @Nullable JsonCodec server, Body body) {
    Asyncio.run(() -> {
      var routes =
          HttpServer.builder()
              .post("/echo", request -> ServerResponse.text(request.text()))
              .post("/name", r -> ServerResponse.text(r.json(Person.class).firstName()))
              .post("/tree", r -> ServerResponse.text(r.json().toString()))
              .get("/person", r -> ServerResponse.json(new Person("Ada")))
              .use((request, next) ->
                  request.path().equals("/middle")
                      ? ServerResponse.json(new Person("Mid"))
                      : next.handle(request));
      var builder = HttpClient.builder();
      try (var there = (server == null ? routes : routes.json(server)).start("127.0.0.1", 0);
          var http = (client == null ? builder : builder.json(client)).build()) {
        body.run(http, there.url());
      }
    });
  }

  @Test
  void requestsAndResponsesOfTheClientGoThroughItsCodec() {
    with(
        SNAKES,
        null,
        (http, url) -> {
          HttpRequest request = HttpRequest.post(url + "/echo").json(new Person("Ada"));
          HttpResponse response = http.request(request);
          assertThat(response.text()).isEqualTo("{\"first_name\":\"Ada\"}");
          assertThat(response.json(Person.class)).isEqualTo(new Person("Ada"));
          try (var streamed = http.stream(request)) {
            assertThat(streamed.readAll().json(Person.class)).isEqualTo(new Person("Ada"));
          }
          assertThat(response.json(com.fasterxml.jackson.databind.JsonNode.class).get("first_name"))
              .hasToString("\"Ada\"");
        });
  }

  @Test
  void partsOfFormsGoThroughItAsWell() {
    with(
        SNAKES,
        null,
        (http, url) -> {
          Multipart form =
              Multipart.of()
                  .part("p", "p.json", "application/json", RequestBody.json(new Person("Ada")));
          String sent = http.request(HttpRequest.post(url + "/echo").body(form)).text();
          assertThat(sent).contains("{\"first_name\":\"Ada\"}");
        });
  }

  @Test
  void requestsAndResponsesOfTheServerGoThroughItsCodec() {
    with(
        null,
        SNAKES,
        (http, url) -> {
          HttpRequest named = HttpRequest.post(url + "/name").body("{\"first_name\":\"Ada\"}");
          assertThat(http.request(named).text()).isEqualTo("Ada");
          assertThat(http.get(url + "/person").text()).isEqualTo("{\"first_name\":\"Ada\"}");
          assertThat(http.get(url + "/middle").text()).isEqualTo("{\"first_name\":\"Mid\"}");
          HttpResponse wrong = http.request(HttpRequest.post(url + "/name").body("{"));
          assertThat(wrong.status()).isEqualTo(400);
          assertThat(wrong.text()).startsWith("400: expected JSON: Unexpected end-of-input");
        });
  }

  @Test
  void oneServerChoosesAndTheOtherDoesNot() {
    with(
        null,
        SNAKES,
        (http, url) -> {
          try (var other =
              HttpServer.builder()
                  .get("/person", r -> ServerResponse.json(new Person("Ada")))
                  .start("127.0.0.1", 0)) {
            assertThat(http.get(other.url() + "/person").text())
                .isEqualTo("{\"firstName\":\"Ada\"}");
            assertThat(http.get(url + "/person").text()).isEqualTo("{\"first_name\":\"Ada\"}");
          }
        });
  }

  @Test
  void treeOfJackson3IsNotHadFromAnother() {
    with(
        SNAKES,
        SNAKES,
        (http, url) -> {
          HttpResponse response = http.get(url + "/person");
          assertThatThrownBy(response::json)
              .isInstanceOf(IllegalStateException.class)
              .hasMessageStartingWith("json() expects Jackson 3, found Jackson2Codec[2.")
              .hasMessageEndingWith(
                  "; call json(Class), with JsonNode.class for the tree of Jackson 2");
        });
  }

  @Test
  void valueThatCannotBeWrittenFailsTheRequest() {
    with(
        null,
        null,
        (http, url) -> {
          List<Object> endless = new ArrayList<>();
          endless.add(endless);
          HttpRequest request = HttpRequest.post(url + "/echo").json(endless);
          assertThatThrownBy(() -> http.request(request))
              .isInstanceOf(JsonException.class)
              .hasMessageContaining("nesting depth")
              .hasCauseInstanceOf(tools.jackson.core.JacksonException.class);
        });
  }

  @Test
  void codecCanWriteAtOnce() {
    RequestBody body = RequestBody.json(new Person("Ada"), SNAKES);
    with(
        null,
        null,
        (http, url) ->
            assertThat(http.request(HttpRequest.post(url + "/echo").body(body)).text())
                .isEqualTo("{\"first_name\":\"Ada\"}"));
  }

  @Test
  void noBytesAreATreeOfNothingAndNoObject() {
    JsonCodec codec = new Jackson2Codec(new ObjectMapper());
    assertThat(codec.read(new byte[0], com.fasterxml.jackson.databind.JsonNode.class)).isEmpty();
    assertThatThrownBy(() -> codec.read(new byte[0], Person.class))
        .isInstanceOf(JsonException.class);
    assertThat(codec.read("null".getBytes(StandardCharsets.UTF_8), Person.class)).isNull();
  }
}
