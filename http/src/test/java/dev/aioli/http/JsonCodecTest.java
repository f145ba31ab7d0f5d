package dev.aioli.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.http.testing.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Jackson there is, is found: in programs that have both, one or none. */
class JsonCodecTest {
  private static final String PROGRAM =
      """
      import dev.aioli.Asyncio;
      import dev.aioli.http.client.HttpClient;
      import dev.aioli.http.client.HttpRequest;
      import dev.aioli.http.server.HttpServer;
      import dev.aioli.http.server.ServerResponse;
      import java.util.Map;

      public class Main {
        public static void main(String[] arguments) {
          Asyncio.run(() -> {
            try (var server =
                    HttpServer.builder()
                        .post("/text", request -> ServerResponse.text("got " + request.text()))
                        .post("/json", request -> ServerResponse.json(request.json(Map.class)))
                        .start("127.0.0.1", 0);
                var http = HttpClient.create()) {
              var text = HttpRequest.post(server.url() + "/text").body("hello");
              System.out.println(http.request(text).raiseForStatus().text());
              if (arguments.length > 0) {
                var json = HttpRequest.post(server.url() + "/json").json(Map.of("a", 1));
                try {
                  System.out.println(http.request(json).raiseForStatus().json(Map.class));
                } catch (RuntimeException e) {
                  System.out.println(e);
                }
              }
            }
          });
        }
      }
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeProgram() throws IOException {
    Files.writeString(folder.resolve("Main.java"), PROGRAM);
  }

  private static boolean isJackson(Path library) {
    return library.getFileName().toString().startsWith("jackson-");
  }

  private static String classPath(Stream<Path> libraries) {
    return libraries.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static String with(Predicate<Path> jackson) {
    return classPath(
        ChildJvm.libraries().stream()
            .filter(library -> !isJackson(library) || jackson.test(library)));
  }

  private static boolean isAnnotations(Path library) {
    return library.getFileName().toString().startsWith("jackson-annotations");
  }

  private static boolean isOf3(Path library) {
    return isAnnotations(library) || library.toString().contains("tools");
  }

  private static boolean isOf2(Path library) {
    return !library.toString().contains("tools");
  }

  @Test
  void textNeedsNoJacksonAndJsonSaysWhatToAdd() throws Exception {
    String said = ChildJvm.java(folder, "-cp", with(library -> false), "Main.java", "json");
    assertThat(said)
        .contains("got hello\n")
        .contains(
            "IllegalStateException: expected a JsonCodec, found neither tools.jackson.databind nor"
                + " com.fasterxml.jackson.databind; add tools.jackson.core:jackson-databind")
        .contains("or give json(codec) to the builder");
  }

  @Test
  void textLoadsNoClassOfJacksonThatIsThere() throws Exception {
    String[] command = {"-Xlog:class+load", "-cp", with(library -> true), "Main.java"};
    assertThat(ChildJvm.java(folder, command))
        .contains("got hello\n")
        .contains("io.netty.handler.codec.http.HttpHeaders" /* so the JVM tells */)
        .doesNotContain("tools.jackson.")
        .doesNotContain("com.fasterxml.jackson.");
  }

  @Test
  void jackson3IsTakenWhereBothAre() throws Exception {
    String[] command = {"-Xlog:class+load", "-cp", with(library -> true), "Main.java", "json"};
    assertThat(ChildJvm.java(folder, command))
        .contains("{a=1}\n")
        .contains("tools.jackson.databind.ObjectMapper")
        .doesNotContain("com.fasterxml.jackson.databind.");
  }

  @Test
  void jackson3IsTakenAlone() throws Exception {
    String[] command = {"-cp", with(JsonCodecTest::isOf3), "Main.java", "json"};
    assertThat(ChildJvm.java(folder, command)).contains("got hello\n").contains("{a=1}\n");
  }

  @Test
  void jackson2IsTakenWhere3IsNot() throws Exception {
    String[] command = {"-cp", with(JsonCodecTest::isOf2), "Main.java", "json"};
    assertThat(ChildJvm.java(folder, command)).contains("got hello\n").contains("{a=1}\n");
  }

  @Test
  void annotationsThatAreTooOldAreToldWithTheirPlaceAndTheWayOut() throws Exception {
    Path old = folder.resolve("jackson-annotations-old.jar");
    Path annotations =
        ChildJvm.libraries().stream().filter(JsonCodecTest::isAnnotations).findAny().orElseThrow();
    copyWithout("com/fasterxml/jackson/annotation/JsonSerializeAs.class", annotations, old);
    String others = with(library -> isOf3(library) && !isAnnotations(library));
    String[] command = {"-cp", others + File.pathSeparator + old, "Main.java", "json"};
    assertThat(ChildJvm.java(folder, command))
        .contains("got hello\n")
        .containsPattern(
            "Jackson 3\\.[0-9.]+ needs com.fasterxml.jackson.core:jackson-annotations 2.21 or newer,"
                + " found 2\\.[0-9.]+ in file:.*jackson-annotations-old.jar; set jackson-bom.version"
                + " to 2.21.0 or newer, or import dev.aioli:aioli-bom before");
  }

  private static void copyWithout(String missing, Path from, Path to) throws IOException {
    try (ZipFile jar = new ZipFile(from.toFile());
        OutputStream file = Files.newOutputStream(to);
        ZipOutputStream copy = new ZipOutputStream(file)) {
      for (ZipEntry entry : jar.stream().toList()) {
        if (!entry.getName().equals(missing)) {
          copy.putNextEntry(new ZipEntry(entry.getName()));
          jar.getInputStream(entry).transferTo(copy);
        }
      }
    }
  }

  @Test
  void moduleThatKeepsItsRecordsToItselfIsToldWhatToOpen() throws Exception {
    Path sources = Files.createDirectories(folder.resolve("src/app"));
    Files.writeString(
        folder.resolve("src/module-info.java"),
        "module app { requires dev.aioli.http; requires tools.jackson.databind; }");
    Files.writeString(
        sources.resolve("Main.java"),
        """
        package app;

        import dev.aioli.Asyncio;
        import dev.aioli.http.client.HttpClient;
        import dev.aioli.http.client.HttpRequest;
        import java.util.List;

        public class Main {
          private record Secret(String name) {}

          public static void main(String[] arguments) {
            Asyncio.run(() -> {
              try (var http = HttpClient.create()) {
                var secrets = List.of(new Secret("x"));
                http.request(HttpRequest.post("http://127.0.0.1:1").json(secrets));
              } catch (RuntimeException e) {
                System.out.println(e);
              }
            });
          }
        }
        """);
    String path = with(library -> true);
    String[] compile = {"-p", path, "-d", "out", "src/module-info.java", "src/app/Main.java"};
    assertThat(ChildJvm.run(folder, "javac", compile)).doesNotContain("error:");
    String[] command = {"-p", path + File.pathSeparator + "out", "-m", "app/app.Main"};
    assertThat(ChildJvm.java(folder, command))
        .contains("JsonException: ")
        .contains("the module app must have: opens app to tools.jackson.databind;");
  }
}
