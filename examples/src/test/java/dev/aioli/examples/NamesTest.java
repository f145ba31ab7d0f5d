package dev.aioli.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The guide names every class of ours whose name others have, too, where one imports both. */
class NamesTest {
  private static final Path GUIDE = Path.of("..", "docs", "guide");

  /** Packages that programs import by a star, and the modules they are in. */
  private static final Map<String, String> OF_THE_JDK =
      Map.of(
          "java.util", "java.base",
          "java.util.concurrent", "java.base",
          "java.util.concurrent.locks", "java.base",
          "java.net.http", "java.net.http",
          "java.lang", "java.base");

  private static Set<String> ours() {
    return ExportedClasses.all()
        .filter(type -> !type.isMemberClass())
        .map(Class::getSimpleName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> namesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".class") && !name.contains("$") && !name.contains("-"))
          .map(name -> name.substring(0, name.length() - ".class".length()))
          .collect(Collectors.toSet());
    }
  }

  @Test
  void everyNameThatTheJdkHasTooIsOnThePage() throws IOException {
    String page = Files.readString(GUIDE.resolve("names.md"));
    FileSystem jdk = FileSystems.getFileSystem(URI.create("jrt:/"));
    Set<String> clashes = new TreeSet<>();
    for (Map.Entry<String, String> entry : OF_THE_JDK.entrySet()) {
      Set<String> theirs =
          namesIn(jdk.getPath("modules", entry.getValue(), entry.getKey().replace('.', '/')));
      ours().stream().filter(theirs::contains).forEach(clashes::add);
    }
    assertThat(clashes).contains("Queue", "Semaphore", "Future", "HttpClient");
    assertThat(clashes).allMatch(name -> page.contains("`" + name + "`"));
  }

  @Test
  void everyNameThatJUnitHasTooIsOnThePage() throws Exception {
    String page = Files.readString(GUIDE.resolve("names.md"));
    Path jar = Path.of(Test.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (FileSystem files = FileSystems.newFileSystem(jar)) {
      Set<String> theirs = namesIn(files.getPath("/org/junit/jupiter/api"));
      assertThat(theirs).contains("Test", "Timeout");
      assertThat(ours().stream().filter(theirs::contains))
          .contains("Timeout")
          .allMatch(name -> page.contains("`" + name + "`"));
    }
  }

  /** On a class path it is an error, so a page that uses it has to say so. */
  @Test
  void pagesThatImportModulesSayWhereThatWorks() throws IOException {
    try (Stream<Path> pages = Files.list(GUIDE)) {
      for (Path page : pages.filter(file -> file.toString().endsWith(".md")).toList()) {
        String text = Files.readString(page);
        boolean imports =
            Arrays.stream(text.split("\n"))
                .anyMatch(line -> line.contains("import module dev.aioli"));
        if (imports && !page.endsWith("names.md")) {
          assertThat(text).as(page.toString()).contains("names.md#import-module");
        }
      }
    }
  }
}
