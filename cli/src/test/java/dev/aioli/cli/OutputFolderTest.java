package dev.aioli.cli;

import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.sync.Event;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class OutputFolderTest {
  @TempDir private Path folder;

  private interface Body {
    void run(HttpFetcher fetcher, String url) throws Exception;
  }

  /** A server with a large body, a small one and one that never ends. */
  private void withServer(long maxBytes, Body body) {
    run(() -> {
      Event never = new Event();
      try (HttpServer server =
          HttpServer.builder()
              .get("/large", request -> ServerResponse.bytes(new byte[3_000_000]))
              .get("/small.txt", request -> ServerResponse.text(200, "small"))
              .get("/missing", request -> ServerResponse.text(404, "missing"))
              .get(
                  "/never",
                  request -> {
                    never.await();
                    return ServerResponse.status(200);
                  })
              .start("127.0.0.1", 0)) {
        var bodies = new HttpFetcher.Bodies(maxBytes, false, new OutputFolder(folder));
        EmbeddedServer embedded = new EmbeddedServer(HttpClient.create());
        try (var fetcher = new HttpFetcher(HttpClient.create(), embedded, bodies)) {
          body.run(fetcher, server.url());
        }
        never.set();
      }
    });
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void storesBodiesUnderNamesOfTheirOwn() throws IOException {
    Files.writeString(folder.resolve("small-2.txt"), "mine");
    withServer(
        Long.MAX_VALUE,
        (fetcher, url) -> {
          for (String file : List.of("small.txt", "small-3.txt", "small-4.txt")) {
            Fetcher.Response response = fetcher.fetch(new FetchRequest(url + "/small.txt"));
            assertThat(response.file()).isEqualTo(file);
            assertThat(response.bytes()).isEqualTo(5);
          }
          assertThat(fetcher.fetch(new FetchRequest(url + "/large")).bytes()).isEqualTo(3_000_000);
        });
    assertThat(files())
        .containsExactly("large", "small-2.txt", "small-3.txt", "small-4.txt", "small.txt");
    assertThat(folder.resolve("small.txt")).hasContent("small");
    assertThat(folder.resolve("small-2.txt")).hasContent("mine");
    assertThat(folder.resolve("large")).hasSize(3_000_000);
  }

  @Test
  void storesNoFailures() throws IOException {
    withServer(
        Long.MAX_VALUE,
        (fetcher, url) -> {
          Fetcher.Response response = fetcher.fetch(new FetchRequest(url + "/missing"));
          assertThat(response.file()).isNull();
          assertThat(response.bytes()).isEqualTo(7);
        });
    assertThat(files()).isEmpty();
  }

  @Test
  void leavesNothingOfABodyThatIsTooLarge() throws IOException {
    withServer(
        2_999_999,
        (fetcher, url) ->
            assertThatThrownBy(() -> fetcher.fetch(new FetchRequest(url + "/large")))
                .isInstanceOf(BodyTooLargeException.class)
                .hasMessageContaining("larger than 2999999 bytes"));
    assertThat(files()).isEmpty();
  }

  @Test
  void leavesNothingOfARequestThatIsCancelled() throws IOException {
    withServer(
        Long.MAX_VALUE,
        (fetcher, url) -> {
          Task<?> task = Asyncio.createTask(() -> fetcher.fetch(new FetchRequest(url + "/never")));
          sleep(Duration.ofMillis(1));
          task.cancel();
          assertThatThrownBy(task::await).isInstanceOf(CancelledError.class);
        });
    assertThat(files()).isEmpty();
  }

  private static HttpFetcher fetcher(OutputFolder output) {
    return new HttpFetcher(
        HttpClient.create(),
        new EmbeddedServer(HttpClient.create()),
        new HttpFetcher.Bodies(Long.MAX_VALUE, false, output));
  }

  @Test
  void theUnfinishedFileOfAnotherRunIsLeftAlone() throws IOException {
    Path part = folder.resolve(".aioli-1-0.part");
    Files.writeString(part, "still being written");
    withServer(
        Long.MAX_VALUE,
        (unused, url) -> {
          try (var fetcher = fetcher(new OutputFolder(folder, "1"))) {
            assertThatThrownBy(() -> fetcher.fetch(new FetchRequest(url + "/small.txt")))
                .isInstanceOf(FileAlreadyExistsException.class);
          }
        });
    assertThat(part).hasContent("still being written");
  }

  @Test
  void runsThatStoreInOneFolderDoNotCollide() throws IOException {
    withServer(
        Long.MAX_VALUE,
        (one, url) -> {
          try (var other = fetcher(new OutputFolder(folder))) {
            Asyncio.gather(
                Asyncio.task(() -> one.fetch(new FetchRequest(url + "/large"))),
                Asyncio.task(() -> other.fetch(new FetchRequest(url + "/large"))));
          }
        });
    assertThat(files()).containsExactly("large", "large-2");
  }

  @Test
  void aFolderThatIsGoneIsAFailureOfTheFile() {
    withServer(
        Long.MAX_VALUE,
        (fetcher, url) -> {
          Files.delete(folder);
          assertThatThrownBy(() -> fetcher.fetch(new FetchRequest(url + "/small.txt")))
              .isInstanceOfSatisfying(
                  IOException.class, e -> assertThat(ErrorType.of(e)).isEqualTo(ErrorType.FILE));
          Files.createDirectory(folder);
        });
  }
}
