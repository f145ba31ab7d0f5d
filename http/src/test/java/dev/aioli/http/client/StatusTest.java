package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A status of 400 or more, for those who ask to be told. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class StatusTest {
  private static final String NOT_FOUND = answer("404 Not Found", "text/plain", "no such user");
  private static final String OK = answer("200 OK", "text/plain", "ok");

  private static String answer(String status, String type, String body) {
    return "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(status, type, body.length(), body);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text/plain|no such user|: no such user",
        "application/json|{\"error\":1}|: {\"error\":1}",
        "application/problem+json; charset=utf-8|{}|: {}",
        "text/html|<html>|''",
        "image/png|png|''"
      })
  void theErrorHasTheBeginningOfATextInItsMessage(String type, String body, String told) {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.answering(answer("500 Oops", type, body));
          var http = HttpClient.create()) {
        HttpResponse response = http.get(server.url().replace("//", "//me:secret@"));
        assertThatThrownBy(response::raiseForStatus)
            .isInstanceOf(HttpException.BadStatus.class)
            .hasMessage("expected a status below 400, found 500: GET " + server.url() + told);
      }
    });
  }

  @Test
  void longTextsAreCutAndControlsAreNotPassedOn() {
    Asyncio.run(() -> {
      String line = "\u0007" + "x".repeat(300) + "\r\nsecond";
      try (var server = ScriptedServer.answering(answer("500 Oops", "text/plain", line));
          var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.get(server.url()).raiseForStatus())
            .hasMessageEndingWith(": ?" + "x".repeat(199) + "...");
      }
    });
  }

  @Test
  void aClientThatRaisesDoesSoForEveryRequest() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(NOT_FOUND);
                client.readHead();
                client.send(OK);
              });
          var http = HttpClient.builder().raiseForStatus(true).build()) {
        assertThatThrownBy(() -> http.get(server.url()))
            .isInstanceOfSatisfying(
                HttpException.BadStatus.class,
                e -> assertThat(e.response().status()).isEqualTo(404));
        assertThat(http.get(server.url()).text()).isEqualTo("ok");
        assertThat(server.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void aStreamThatRaisesIsClosedAndHasTheBeginningOfItsBody() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(number == 0 ? NOT_FOUND : OK);
                client.awaitEnd();
              });
          var http = HttpClient.builder().limit(1).raiseForStatus(true).build()) {
        assertThatThrownBy(() -> http.stream(HttpRequest.get(server.url())))
            .isInstanceOfSatisfying(
                HttpException.BadStatus.class,
                e -> assertThat(e.response().text()).isEqualTo("no such user"))
            .hasMessageEndingWith(": no such user");
        assertThat(http.statistics().active()).isZero(); // its place is free
      }
    });
  }

  @Test
  void aStreamWithAGoodStatusIsGivenBackAsItIs() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.answering(OK);
          var http = HttpClient.create();
          var response = http.stream(HttpRequest.get(server.url()))) {
        assertThat(response.raiseForStatus()).isSameAs(response);
        assertThat(response.readAll().raiseForStatus().text()).isEqualTo("ok");
      }
    });
  }
}
