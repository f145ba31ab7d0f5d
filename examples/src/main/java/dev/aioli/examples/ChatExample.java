package dev.aioli.examples;

import static dev.aioli.Asyncio.*;

import dev.aioli.http.WebSocket;
import dev.aioli.http.client.WebSocketClient;
import dev.aioli.http.server.HttpServer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A chat over WebSockets: a server, and three clients that come and go. Whoever joined is in a
 * plain map, since between two suspensions a task is alone.
 *
 * <pre>{@code
 * $ ./aioli example chat
 * ann hears: ann joined
 * ann hears: bob joined
 * ann hears: cy joined
 * ann hears: bob: hello
 * ann hears: bob left
 * ann hears: cy: bye
 * ann hears: cy left
 * }</pre>
 */
public final class ChatExample {
  private final Map<String, WebSocket> members = new LinkedHashMap<>();

  private ChatExample() {}

  /** Runs the example. */
  public static void main(String[] args) {
    run(ChatExample::program);
  }

  static void program() throws IOException {
    var chat = new ChatExample();
    try (var server = HttpServer.builder().webSocket("/chat", chat::talk).start("127.0.0.1", 0)) {
      var url = "ws://127.0.0.1:" + server.port() + "/chat";
      try (var ann = join(url, "ann")) {
        hear(ann, 1);
        try (var cy = joinAfterBob(url, ann)) {
          cy.send("bye");
          hear(ann, 1);
        }
        hear(ann, 1);
      }
    }
  }

  /** Bob joins, sees Cy come, says hello and leaves. */
  private static WebSocket joinAfterBob(String url, WebSocket ann) {
    try (var bob = join(url, "bob")) {
      hear(ann, 1);
      var cy = join(url, "cy");
      hear(ann, 1);
      bob.send("hello");
      hear(ann, 1);
      bob.close();
      hear(ann, 1);
      return cy;
    }
  }

  // ---- the server's side

  private void talk(WebSocket socket) {
    var name = socket.receiveText(); // who joins says so first
    if (name == null) {
      return;
    }
    members.put(name, socket);
    tellAll(name + " joined");
    try {
      for (var text = socket.receiveText(); text != null; text = socket.receiveText()) {
        tellAll(name + ": " + text);
      }
    } finally {
      members.remove(name);
      tellAll(name + " left");
    }
  }

  private void tellAll(String line) {
    for (var member : List.copyOf(members.values())) { // others may come and go meanwhile
      if (member.isOpen()) {
        member.send(line);
      }
    }
  }

  // ---- the clients' side

  private static WebSocket join(String url, String name) {
    var socket = WebSocketClient.create().connect(url);
    socket.send(name);
    return socket;
  }

  private static void hear(WebSocket ann, int lines) {
    for (int i = 0; i < lines; i++) {
      IO.println("ann hears: " + ann.receiveText());
    }
  }
}
