package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dependencies between the project's modules point down, and those between packages, too. */
class ModuleDependenciesTest {
  /** What each module may depend on. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.ofEntries(
          Map.entry("core", Set.of()),
          Map.entry("process", Set.of("core")),
          Map.entry("net", Set.of("core")),
          Map.entry("http", Set.of("core", "net")),
          Map.entry("httpbin", Set.of("core", "http")),
          Map.entry("examples", Set.of("core", "net", "http", "httpbin", "process")),
          Map.entry("cli", Set.of("core", "net", "http", "httpbin", "process", "examples")),
          Map.entry("soak", Set.of("core", "net", "http", "process", "cli")),
          Map.entry("conformance", Set.of("core")),
          Map.entry("stress", Set.of("core")),
          Map.entry("benchmarks", Set.of("core", "net", "http")));

  private static final Path ROOT = Path.of("..");
  private static final Pattern IN_POM = Pattern.compile("<artifactId>aioli-(\\w+)</artifactId>");
  private static final Pattern IN_MODULE_INFO =
      Pattern.compile("requires [\\w ]*\\bdev\\.aioli(?:\\.(\\w+))?;");

  private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
  private static final Pattern IN_CODE =
      Pattern.compile("\\b(dev\\.aioli(?:\\.[a-z]\\w*)*)\\.[A-Z]\\w*");
  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\n]*");

  /** Core's combinators and bridges are built on its primitives; docs/architecture.md says so. */
  private static final Map<String, Set<String>> UPWARD =
      Map.of("dev.aioli", Set.of("dev.aioli.lowlevel", "dev.aioli.queue", "dev.aioli.sync"));

  static List<String> modules() throws IOException {
    Matcher matcher =
        Pattern.compile("<module>(\\w+)</module>")
            .matcher(Files.readString(ROOT.resolve("pom.xml")));
    return matcher
        .results()
        .map(result -> result.group(1))
        .filter(module -> !module.equals("bom")) // names them all, and depends on none
        .toList();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void moduleDependsOnlyOnThoseBelow(String module) throws IOException {
    assertThat(ALLOWED).as("modules of known place").containsKey(module);
    Set<String> used = new TreeSet<>();
    Path folder = ROOT.resolve(module);
    IN_POM
        .matcher(Files.readString(folder.resolve("pom.xml")))
        .results()
        .forEach(result -> used.add(result.group(1)));
    try (Stream<Path> files = Files.walk(folder.resolve("src"))) {
      for (Path file : files.filter(path -> path.endsWith("module-info.java")).toList()) {
        IN_MODULE_INFO
            .matcher(Files.readString(file))
            .results()
            .forEach(result -> used.add(result.group(1) == null ? "core" : result.group(1)));
      }
    }
    used.removeAll(Set.of("parent", module));
    assertThat(ALLOWED.get(module)).as("what " + module + " may depend on").containsAll(used);
  }

  @ParameterizedTest
  @MethodSource("modules")
  void packagesOfAModuleHaveNoCycle(String module) throws IOException {
    Map<String, Set<String>> uses = packageUses(ROOT.resolve(module).resolve("src/main/java"));
    UPWARD.forEach((user, used) -> {
      if (uses.containsKey(user)) {
        assertThat(uses.get(user)).as("exceptions that are not needed any more").containsAll(used);
        uses.get(user).removeAll(used);
      }
    });
    // Takes away what uses nothing that is left: what remains is in a cycle, or above one.
    boolean smaller = true;
    while (smaller) {
      smaller =
          uses.keySet()
              .removeIf(user -> uses.get(user).stream().noneMatch(used -> uses.containsKey(used)));
    }
    assertThat(uses).as("packages that use each other in a circle, or one that does").isEmpty();
  }

  /** For each package the others that its code names, by imports or in full. */
  private static Map<String, Set<String>> packageUses(Path folder) throws IOException {
    Map<String, Set<String>> uses = new TreeMap<>();
    if (!Files.exists(folder)) {
      return uses;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String code = COMMENT.matcher(Files.readString(file)).replaceAll("");
        Matcher own = PACKAGE.matcher(code);
        if (own.find()) {
          Set<String> used = uses.computeIfAbsent(own.group(1), name -> new TreeSet<>());
          IN_CODE.matcher(code).results().forEach(result -> used.add(result.group(1)));
          used.remove(own.group(1));
        }
      }
    }
    return uses;
  }
}
