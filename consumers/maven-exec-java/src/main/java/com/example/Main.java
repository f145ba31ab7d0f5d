package com.example;

import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.task;
import static java.util.stream.IntStream.range;

import dev.aioli.http.client.HttpClient;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.sync.Semaphore;
import java.util.List;

/** Asks a server of its own for squares, six at a time. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    List<String> answers =
        run(() -> {
          var limit = new Semaphore(6);
          try (var server =
                  HttpServer.builder()
                      .get("/square/{n}", request -> {
                        int n = Integer.parseInt(request.pathParameter("n"));
                        return ServerResponse.text("" + n * n);
                      })
                      .start("127.0.0.1", 0);
              var http = HttpClient.create()) {
            return gather(
                range(0, 12)
                    .mapToObj(n ->
                        task(() -> {
                          try (var permit = limit.acquire()) {
                            return http.get(server.url() + "/square/" + n).text();
                          }
                        }))
                    .toList());
          }
        });
    System.out.println(answers);
  }
}
