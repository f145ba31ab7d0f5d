package com.example;

import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.task;
import static java.time.Duration.ofMillis;
import static java.util.stream.IntStream.range;

import dev.aioli.EventLoopThread;
import dev.aioli.http.client.HttpClient;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.config.ConfigProvider;

/** Quarkus hands requests to a loop of the application's; then it asks itself for squares. */
@QuarkusMain
public class Main implements QuarkusApplication {
  static final EventLoopThread LOOP = EventLoopThread.start("aioli");

  @Path("/square")
  public static class Squares {
    @GET
    @Path("{n}")
    public CompletionStage<String> square(@PathParam("n") int n) {
      return LOOP.submit(() -> {
        sleep(ofMillis(1));
        return "" + n * n;
      });
    }
  }

  public static void main(String[] args) {
    Quarkus.run(Main.class, args);
  }

  @Override
  public int run(String... args) {
    String port = ConfigProvider.getConfig().getValue("quarkus.http.port", String.class);
    String url = "http://127.0.0.1:" + port;
    try (LOOP) {
      List<String> answers =
          LOOP.submit(() -> {
            try (var http = HttpClient.create()) {
              return gather(
                  range(0, 12)
                      .mapToObj(n -> task(() -> http.get(url + "/square/" + n).text()))
                      .toList());
            }
          }).join();
      System.out.println(answers);
    }
    return 0;
  }
}
