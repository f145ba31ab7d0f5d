package com.example;

import static dev.aioli.Asyncio.run;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.aioli.EventLoop;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import org.junit.jupiter.api.Test;

class GreetingTest {
  @Test
  void serverGreets() {
    run(() -> {
      try (var server =
              HttpServer.builder()
                  .get("/hello", request -> ServerResponse.text("hello"))
                  .start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        assertEquals("hello", http.get(server.url() + "/hello").text());
      }
    });
  }

  @Test
  void flagsOfArgLineReachTheTests() {
    assertEquals(
        "LOOP_SCHEDULED", run(() -> EventLoop.getRunningLoop().engine().name()));
  }
}
