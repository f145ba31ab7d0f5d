package com.example;

import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.task;
import static java.time.Duration.ofMillis;
import static java.util.stream.IntStream.range;

import dev.aioli.EventLoopThread;
import dev.aioli.http.client.HttpClient;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.runtime.server.EmbeddedServer;
import io.netty.util.Version;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Micronaut hands requests to a loop that is a bean, and both use one Netty; then it is asked for squares. */
public final class Main {
  private Main() {}

  @Factory
  static class Loops {
    @Singleton
    @Bean(preDestroy = "close")
    EventLoopThread loop() {
      return EventLoopThread.start("aioli");
    }
  }

  @Controller
  static class Squares {
    private final EventLoopThread loop;

    Squares(EventLoopThread loop) {
      this.loop = loop;
    }

    @Get(value = "/square/{n}", produces = "text/plain")
    CompletionStage<String> square(int n) {
      return loop.submit(() -> {
        sleep(ofMillis(1)); // the loop's tasks may suspend; Micronaut's thread is free meanwhile
        return "" + n * n;
      });
    }
  }

  public static void main(String[] args) {
    var netty =
        Version.identify().values().stream().map(Version::artifactVersion).collect(Collectors.toSet());
    if (netty.size() != 1) {
      throw new IllegalStateException("expected one version of Netty, found " + netty);
    }
    Map<String, Object> anyPort = Map.of("micronaut.server.port", -1);
    try (var server = ApplicationContext.run(EmbeddedServer.class, anyPort)) {
      String url = server.getURL().toString();
      EventLoopThread loop = server.getApplicationContext().getBean(EventLoopThread.class);
      List<String> answers =
          loop.submit(() -> {
            try (var http = HttpClient.create()) {
              return gather(
                  range(0, 12)
                      .mapToObj(n -> task(() -> http.get(url + "/square/" + n).text()))
                      .toList());
            }
          }).join();
      System.out.println(answers);
    }
  }
}
