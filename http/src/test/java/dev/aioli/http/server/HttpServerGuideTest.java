package dev.aioli.http.server;

import static dev.aioli.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.http.WebSocket;
import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.client.WebSocketClient;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.WebSockets;
import dev.aioli.queue.Broadcast;
import dev.aioli.queue.Broadcast.WhenFull;
import dev.aioli.sync.Event;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The snippets of docs/guide/http-server.md. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class HttpServerGuideTest {
  private final List<String> printed = new ArrayList<>();
  private final Event stopRequested = new Event();

  @TempDir private Path temp;

  private void println(Object line) {
    printed.add(String.valueOf(line));
  }

  record User(String name, int age) {}

  private final Map<String, User> users = new ConcurrentHashMap<>();

  @Test
  void first() {
    getRunning();
    // region first
    run(() -> {
      try (var server =
          HttpServer.builder()
              .get(
                  "/hello/{name}",
                  request -> ServerResponse.text("Hello " + request.pathParameter("name")))
              .start("127.0.0.1", 0)) { // 0: any port that is free
        println("serving on " + server.url());
        stopRequested.await();
      }
    });
    // endregion first
    assertThat(printed).singleElement().asString().startsWith("serving on http://127.0.0.1:");
  }

  private void getRunning() {
    stopRequested.set();
  }

  // region json
  ServerResponse putUser(ServerRequest request) {
    User user = request.json(User.class); // answers 400 by itself if it is none
    if (user.age() < 0) {
      throw new HttpStatusException(422, "expected an age of 0 or more, was " + user.age());
    }
    users.put(request.pathParameter("name"), user);
    return ServerResponse.json(201, user).header("Location", "/users/" + user.name());
  }

  ServerResponse listUsers(ServerRequest request) {
    String prefix = request.query("prefix"); // null if there is none
    return ServerResponse.json(
        users.keySet().stream().filter(n -> prefix == null || n.startsWith(prefix)).toList());
  }

  // endregion json

  @Test
  void routes() {
    run(() -> {
      var builder =
          // region routes
          HttpServer.builder()
              .get("/users", this::listUsers)
              .put("/users/{name:[a-z]+}", this::putUser) // only names in small letters
              .get(
                  "/docs/{page...}",
                  request -> // all the rest of the path
                  ServerResponse.text("page " + request.pathParameter("page")))
              .route("PURGE", "/cache", request -> ServerResponse.status(204));
      // endregion routes
      try (var server = builder.start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        String url = server.url();
        var put = HttpRequest.of("PUT", url + "/users/ann");
        assertThat(http.request(put.body("{\"name\":\"ann\",\"age\":7}")).status()).isEqualTo(201);
        assertThat(http.request(put.body("{\"name\":\"ann\",\"age\":-7}")).status()).isEqualTo(422);
        assertThat(http.request(put.body("{")).status()).isEqualTo(400);
        assertThat(http.request(HttpRequest.of("PUT", url + "/users/A1")).status()).isEqualTo(404);
        assertThat(http.get(url + "/users?prefix=a").text()).isEqualTo("[\"ann\"]");
        assertThat(http.get(url + "/docs/a/b").text()).isEqualTo("page a/b");
        assertThat(http.request(HttpRequest.of("PURGE", url + "/cache")).status()).isEqualTo(204);
      }
    });
  }

  @Test
  void bodies() {
    run(() -> {
      Path file = temp.resolve("upload");
      var builder =
          HttpServer.builder()
              // region bodies
              .post(
                  "/upload",
                  request -> {
                    long size = 0;
                    try (var out = Files.newOutputStream(file)) {
                      for (byte[] part = request.read(); part != null; part = request.read()) {
                        byte[] bytes = part;
                        toThread(() -> out.write(bytes)); // the client is read no faster than this
                        size += part.length;
                      }
                    }
                    return ServerResponse.text(size + " bytes");
                  })
              .get(
                  "/count",
                  request ->
                      ServerResponse.stream(
                          "text/plain",
                          out -> {
                            for (int i = 1; i <= 3; i++) {
                              out.write(i + "\n"); // waits while the client is slower than we are
                              sleep(Duration.ofMillis(10));
                            }
                          }));
      // endregion bodies
      try (var server = builder.start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        byte[] large = new byte[200_000];
        assertThat(
                http.request(HttpRequest.of("POST", server.url() + "/upload").body(large)).text())
            .isEqualTo("200000 bytes");
        assertThat(Files.size(file)).isEqualTo(200_000);
        assertThat(http.get(server.url() + "/count").text()).isEqualTo("1\n2\n3\n");
      }
    });
  }

  @Test
  void middleware() {
    run(() -> {
      var builder =
          // region middleware
          HttpServer.builder()
              .use((request, next) -> {
                ServerResponse response = next.handle(request);
                println(request + " -> " + response.status());
                return response;
              })
              .use((request, next) -> {
                String token = request.cookie("token");
                if (token == null) {
                  throw new HttpStatusException(401, "who are you?");
                }
                request.attributes().put("user", token);
                return next.handle(request);
              })
              .use(Compression.gzip())
              .get(
                  "/me",
                  request ->
                      ServerResponse.text("you are " + request.attributes().get("user"))
                          .cookie(SetCookie.of("seen", "1").withMaxAge(Duration.ofDays(1))));
      // endregion middleware
      try (var server = builder.start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        var request = HttpRequest.get(server.url() + "/me");
        assertThat(http.request(request).status()).isEqualTo(401);
        assertThat(http.request(request.header("Cookie", "token=ann")).text())
            .isEqualTo("you are ann");
        assertThat(printed).containsExactly("GET /me -> 200"); // the other one was thrown
      }
    });
  }

  @Test
  void chat() {
    run(() -> {
      // region websocket
      Set<WebSocket> members = new LinkedHashSet<>(); // one turn at a time: no lock
      var server =
          HttpServer.builder()
              .webSocket(
                  "/chat",
                  socket -> {
                    members.add(socket);
                    try {
                      for (WebSocket.Message message : socket) { // until the client closes
                        if (message instanceof WebSocket.Text(String text)) {
                          for (WebSocket member : List.copyOf(members)) {
                            member.send(text);
                          }
                        }
                      }
                    } finally {
                      members.remove(socket);
                    }
                  })
              .start("127.0.0.1", 0);
      // endregion websocket
      // region client
      String url = "ws://127.0.0.1:" + server.port() + "/chat";
      try (server;
          var ann = WebSocketClient.create().connect(url);
          var bob = WebSocketClient.create().connect(url)) {
        ann.ping(); // the server's handlers have begun
        bob.ping();
        ann.send("hello");
        println("bob: " + bob.receiveText());
        println("ann: " + ann.receiveText());
      }
      // endregion client
      assertThat(printed).containsExactly("bob: hello", "ann: hello");
      assertThat(members).isEmpty();
    });
  }

  @Test
  void hub() {
    run(() -> {
      // region hub
      var news = new Broadcast<String>(100, WhenFull.DROP_OLDEST);
      WebSocketHandler follow =
          socket -> {
            try (var mine = news.subscribe()) {
              taskGroup(group -> {
                group.createTask(() -> {
                  for (String text : mine) {
                    if (socket.isOpen() && !socket.trySend(text)) { // it does not read
                      socket.abort(); // nobody waits for it, not even for its close
                    }
                  }
                });
                while (socket.receive() != null) {} // until the client closes, or is cut
                mine.close(); // ends the other task
              });
            }
          };
      var options = WebSocketOptions.DEFAULT.withSendBufferBytes(256 * 1024);
      var builder = HttpServer.builder().webSocket("/", options, follow);
      // endregion hub
      try (var server = builder.start("127.0.0.1", 0);
          var quick = WebSocketClient.create().connect(server.url().replace("http", "ws") + "/");
          var deaf = WebSockets.upgraded(server)) {
        quick.ping();
        while (news.subscribers() < 2) {
          sleep(Duration.ZERO);
        }
        int sent = 0;
        while (server.connections() == 2) {
          news.publish("x".repeat(32 * 1024));
          sent++;
          assertThat(quick.receiveText()).hasSize(32 * 1024);
        }
        assertThat(sent).isGreaterThan(8); // what may wait
        while (news.subscribers() == 2) {
          sleep(Duration.ZERO);
        }
        news.publish("and on it goes");
        assertThat(quick.receiveText()).isEqualTo("and on it goes");
        quick.close();
        while (allTasks().size() > 1) { // the handlers
          sleep(Duration.ZERO);
        }
      }
    });
  }

  @Test
  void origin() {
    run(() -> {
      WebSocketHandler chat = socket -> socket.send("hello");
      var builder = HttpServer.builder();
      // region origin
      builder.get(
          "/chat",
          request -> {
            String origin = request.headers().get("origin"); // null: no browser
            if (origin != null && !origin.equals("https://example.org")) {
              throw new HttpStatusException(403, "expected a page of ours, found " + origin);
            }
            return ServerResponse.webSocket(chat);
          });
      // endregion origin
      try (var server = builder.start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        String url = server.url() + "/chat";
        var foreign = HttpRequest.get(url).header("Origin", "https://evil.example");
        assertThat(http.request(foreign).status()).isEqualTo(403);
        var client = WebSocketClient.create().header("Origin", "https://example.org");
        try (var socket = client.connect(url.replace("http", "ws"))) {
          assertThat(socket.receiveText()).isEqualTo("hello");
        }
      }
    });
  }

  @Test
  void settings() throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, "localhost");
    Certificates.writePem(keys, temp);
    Path cert = temp.resolve("server.crt");
    Path key = temp.resolve("server.key");
    Path folder = Files.createDirectories(temp.resolve("www"));
    Files.writeString(folder.resolve("index.html"), "<p>home");
    run(() -> {
      var builder =
          // region settings
          HttpServer.builder()
              .files("/static", folder)
              .certificate(cert, key) // PEM files; or sslContext(...)
              .maxBodyBytes(1024 * 1024)
              .maxConnections(10_000)
              .idleTimeout(Duration.ofSeconds(30))
              .grace(Duration.ofSeconds(5));
      // endregion settings
      try (var server = builder.start("127.0.0.1", 0);
          var http = HttpClient.builder().sslContext(Certificates.trusting(keys)).build()) {
        assertThat(http.get("https://localhost:" + server.port() + "/static/").text())
            .isEqualTo("<p>home");
      }
    });
  }
}
