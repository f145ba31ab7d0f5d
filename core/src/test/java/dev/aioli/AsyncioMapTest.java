package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds docs/asyncio-map.md against the classes of core and against CPython. */
class AsyncioMapTest {
  private static final Path MAP = Path.of("..", "docs", "asyncio-map.md");
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Set<String> STATUS = Set.of("same", "differs", "absent", "planned");
  private static final List<String> PACKAGES =
      List.of("dev.aioli.", "dev.aioli.sync.", "dev.aioli.queue.", "dev.aioli.lowlevel.");

  /** Prints asyncio.__all__, then what its classes add to their base classes, one name a line. */
  private static final String PRINT_NAMES =
      """
      import asyncio, asyncio.subprocess, platform
      assert platform.python_version().startswith('3.13.'), platform.python_version()
      print(*asyncio.__all__, sep='\\n')
      def members(cls):
          inherited = {n for base in cls.__mro__[1:] for n in vars(base)}
          return {n for n in vars(cls) if not n.startswith('_')} - inherited
      for name in asyncio.__all__:
          cls = getattr(asyncio, name)
          if not isinstance(cls, type) or issubclass(cls, asyncio.BaseEventLoop): continue
          if 'ChildWatcher' in name or name in ('StreamReaderProtocol', 'AbstractServer'): continue
          owner = 'loop' if cls is asyncio.AbstractEventLoop else name
          names = members(cls)
          if cls is asyncio.Task: names -= members(asyncio.Future)
          print(*(f'{owner}.{n}' for n in names), sep='\\n')
      print(*(f'subprocess.Process.{n}' for n in members(asyncio.subprocess.Process)), sep='\\n')
      """;

  /** One line of a table: the names it explains, the Java names it claims, its word. */
  private record Row(List<String> python, List<String> java, String status, String text) {}

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(MAP)) {
      String[] cells = line.split("\\|", -1);
      if (!line.startsWith("| `")) {
        continue;
      }
      if (cells.length == 6) {
        rows.add(new Row(codes(cells[1]), codes(cells[2]), cells[3].strip(), line));
      } else { // the table of what asyncio does not have
        assertThat(cells).as(line).hasSize(4);
        rows.add(new Row(List.of(), codes(cells[1]), "differs", line));
      }
    }
    return rows;
  }

  private static List<String> codes(String cell) {
    return CODE.matcher(cell).results().map(match -> match.group(1)).toList();
  }

  @Test
  void everyLineHasAStatusAndAReasonUnlessItIsTheSame() throws IOException {
    assertThat(rows())
        .hasSizeGreaterThan(100)
        .allSatisfy(row -> {
          assertThat(row.status).as(row.text).isIn(STATUS);
          if (row.status.equals("same")) {
            assertThat(row.java).as(row.text).isNotEmpty();
          }
          if (row.status.equals("differs")) {
            assertThat(row.text.replaceAll("[| ]", "")).as(row.text).doesNotEndWith("differs");
          }
        });
  }

  @Test
  void noNameIsExplainedTwice() throws IOException {
    assertThat(rows().stream().flatMap(row -> row.python.stream())).doesNotHaveDuplicates();
  }

  @Test
  void everyJavaNameExists() throws IOException {
    List<String> missing =
        rows().stream()
            .flatMap(row -> row.java.stream())
            .filter(name -> !name.contains(":")) // of another module
            .filter(name -> !exists(name))
            .toList();
    assertThat(missing).as("names that are not public in core, or not in the JDK").isEmpty();
  }

  @Test
  void everyPublicClassOfCoreIsInTheMap() throws IOException {
    Set<String> named = new TreeSet<>();
    rows().forEach(row -> row.java.forEach(name -> named.add(name.split("\\.")[0])));
    Path sources = Path.of("src", "main", "java");
    try (Stream<Path> files = Files.walk(sources)) {
      List<String> missing =
          files
              .map(file -> sources.relativize(file).toString())
              .filter(file -> file.startsWith("dev") && file.endsWith(".java"))
              .map(file -> file.replace(".java", "").replace(file.contains("\\") ? '\\' : '/', '.'))
              .filter(name -> !name.endsWith("package-info") && isPublic(name))
              .map(name -> name.substring(name.lastIndexOf('.') + 1))
              .filter(name -> !named.contains(name) && !mentioned(name))
              .toList();
      assertThat(missing).isEmpty();
    }
  }

  private static boolean mentioned(String name) {
    try {
      return Files.readString(MAP).contains("`" + name + "`");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isPublic(String name) {
    try {
      return Modifier.isPublic(load(name).getModifiers());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static Class<?> load(String name) throws ClassNotFoundException {
    return Class.forName(name, false, AsyncioMapTest.class.getClassLoader());
  }

  /** A class, or a member of one: {@code Lock}, {@code Lock.acquire}, {@code java.lang.Process}. */
  private static boolean exists(String name) {
    if (name.startsWith("java.")) {
      return findClass(name) != null || memberExists(name, List.of(""));
    }
    return PACKAGES.stream().anyMatch(prefix -> findClass(prefix + name) != null)
        || memberExists(name, PACKAGES);
  }

  private static boolean memberExists(String name, List<String> prefixes) {
    int dot = name.lastIndexOf('.');
    if (dot < 0) {
      return false;
    }
    String member = name.substring(dot + 1);
    for (String prefix : prefixes) {
      Class<?> type = findClass(prefix + name.substring(0, dot));
      if (type != null
          && Stream.<Member>concat(
                  Arrays.stream(type.getMethods()), Arrays.stream(type.getFields()))
              .anyMatch(candidate -> candidate.getName().equals(member))) {
        return true;
      }
      if (findClass(prefix + name.substring(0, dot) + "$" + member) != null) {
        return true;
      }
    }
    return false;
  }

  private static Class<?> findClass(String name) {
    try {
      Class<?> type = load(name);
      return Modifier.isPublic(type.getModifiers()) ? type : null;
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  @Test
  void everyNameOfCPythonIsInTheMap() throws Exception {
    List<String> names = namesOfCPython();
    assumeThat(names)
        .as("SKIPPED: no CPython 3.13 found, so docs/asyncio-map.md was not compared with it")
        .isNotEmpty();
    Set<String> explained = new TreeSet<>();
    rows().forEach(row -> explained.addAll(row.python));
    assertThat(names).hasSizeGreaterThan(200);
    assertThat(names.stream().filter(name -> !explained.contains(name)).sorted()).isEmpty();
  }

  private static List<String> namesOfCPython() throws IOException, InterruptedException {
    List<String> commands = new ArrayList<>(List.of("python3.13", "python3"));
    Path pyenv = Path.of(System.getProperty("user.home"), ".pyenv", "versions");
    if (Files.isDirectory(pyenv)) {
      try (Stream<Path> versions = Files.list(pyenv)) {
        versions
            .filter(version -> version.getFileName().toString().startsWith("3.13"))
            .forEach(version -> commands.add(version.resolve("bin/python3.13").toString()));
      }
    }
    for (String command : commands) {
      List<String> names = run(command);
      if (!names.isEmpty()) {
        return names;
      }
    }
    System.err.println("AsyncioMapTest: no CPython 3.13 found among " + commands);
    return List.of();
  }

  private static List<String> run(String command) throws IOException, InterruptedException {
    Process python;
    try {
      python =
          new ProcessBuilder(command, "-W", "ignore", "-c", PRINT_NAMES)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      return List.of(); // not installed
    }
    List<String> lines = python.inputReader().lines().filter(line -> !line.isBlank()).toList();
    if (!python.waitFor(60, TimeUnit.SECONDS)) {
      python.destroyForcibly();
      return List.of();
    }
    return python.exitValue() == 0 ? lines : List.of();
  }
}
