package com.example;

import static dev.aioli.Asyncio.run;

import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.WebSocketClient;
import dev.aioli.http.server.HttpServer;
import dev.aioli.net.Streams;

/** Uses Aioli with the Netty of a framework; prints what it is told. */
public final class Main {
  private Main() {}

  interface Body {
    void run() throws Exception;
  }

  static void tell(Body body) {
    try {
      run(() -> {
        body.run();
      });
      System.out.println("no error");
    } catch (Throwable e) {
      System.out.println(e);
    }
  }

  public static void main(String[] args) {
    tell(() -> HttpClient.create().close());
    tell(() -> HttpServer.builder().start("127.0.0.1", 0).close());
    tell(() -> Streams.openConnection("127.0.0.1", 1));
    tell(() -> WebSocketClient.create().connect("ws://127.0.0.1:1/"));
  }
}
