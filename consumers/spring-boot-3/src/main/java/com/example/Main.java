package com.example;

import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.task;
import static java.time.Duration.ofMillis;
import static java.util.stream.IntStream.range;

import dev.aioli.EventLoopThread;
import dev.aioli.http.client.HttpClient;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Spring's threads hand requests to a loop of the application's; then it asks itself for squares. */
@SpringBootApplication
public class Main {
  // region controller
  @Bean(destroyMethod = "close")
  EventLoopThread loop() {
    return EventLoopThread.start("aioli");
  }

  @RestController
  static class Squares {
    private final EventLoopThread loop;

    Squares(EventLoopThread loop) {
      this.loop = loop;
    }

    @GetMapping("/square/{n}")
    CompletionStage<String> square(@PathVariable int n) {
      return loop.submit(() -> {
        sleep(ofMillis(1)); // the loop's tasks may suspend; Spring's thread is free meanwhile
        return "" + n * n;
      });
    }
  }

  // endregion controller

  public static void main(String[] args) {
    try (var context = SpringApplication.run(Main.class, "--server.port=0")) {
      String url = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
      List<Integer> answers =
          run(() -> {
            try (var http = HttpClient.create()) {
              return gather(
                  range(0, 12)
                      .mapToObj(n -> task(() -> http.get(url + "/square/" + n).json(Integer.class)))
                      .toList());
            }
          });
      System.out.println(answers);
    }
  }
}
