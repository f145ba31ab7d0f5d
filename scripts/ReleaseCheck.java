import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;

/** What scripts/check-release looks for: https://central.sonatype.org/publish/requirements/. */
final class ReleaseCheck {
  /** Who wants to use Aioli. The command and the examples are programs; they are not for a class path. */
  static final Set<String> PUBLISHED =
      Set.of(
          "aioli-bom",
          "aioli-core",
          "aioli-http",
          "aioli-httpbin",
          "aioli-net",
          "aioli-parent",
          "aioli-process");

  /** In the POM, or in the one that it inherits from. */
  static final List<String> INHERITED =
      List.of(
          "groupId",
          "version",
          "url",
          "licenses/license/name",
          "licenses/license/url",
          "developers/developer/name",
          "scm/connection",
          "scm/developerConnection",
          "scm/url");

  static final List<String> OWN = List.of("artifactId", "name", "description");

  final Path home;
  final Path group;
  final List<String> faults = new ArrayList<>();
  final XPath xpath = XPathFactory.newInstance().newXPath();

  ReleaseCheck(Path home) {
    this.home = home;
    group = home.resolve("target/release/dev/aioli");
  }

  static void main(String[] args) throws Exception {
    ReleaseCheck check = new ReleaseCheck(Path.of(args[0]));
    check.run();
    check.faults.forEach(fault -> System.err.println("check-release: " + fault));
    System.exit(check.faults.isEmpty() ? 0 : 1);
  }

  void run() throws Exception {
    Set<String> found = new TreeSet<>();
    for (Path folder : list(group)) {
      found.add(folder.getFileName().toString());
    }
    expect(found.equals(PUBLISHED), "expected " + new TreeSet<>(PUBLISHED) + ", found " + found);
    Document parent = pom("aioli-parent");
    for (String artifact : found) {
      int before = faults.size();
      checkArtifact(artifact, parent);
      System.out.println(artifact + ": " + (faults.size() == before ? "complete" : "NOT complete"));
    }
    String version = text(parent, "version").replace("-SNAPSHOT", "");
    expect(
        Files.readString(home.resolve("CHANGELOG.md")).contains("\n## [" + version + "]"),
        "expected a section [" + version + "] in CHANGELOG.md");
  }

  void checkArtifact(String artifact, Document parent) throws Exception {
    Document pom = pom(artifact);
    for (String element : OWN) {
      expect(!text(pom, element).isBlank(), artifact + ": its POM needs <" + element + ">");
    }
    boolean inherits = !text(pom, "parent/artifactId").isBlank();
    for (String element : INHERITED) {
      boolean has = !text(pom, element).isBlank() || inherits && !text(parent, element).isBlank();
      expect(has, artifact + ": its POM needs <" + element + ">");
    }
    expect(text(pom, "repositories").isBlank(), artifact + ": Central takes no <repositories>");
    if (!text(pom, "packaging").equals("pom")) {
      checkArchive(artifact, ".jar", "module-info.class");
      checkArchive(artifact, "-sources.jar", "module-info.java");
      checkArchive(artifact, "-javadoc.jar", "index.html");
    }
    for (Path file : list(list(group.resolve(artifact)).getFirst())) {
      String name = file.getFileName().toString();
      if (name.endsWith(".jar") || name.endsWith(".pom")) {
        for (String sum : List.of(".md5", ".sha1")) {
          expect(Files.exists(file.resolveSibling(name + sum)), artifact + ": no " + name + sum);
        }
      }
    }
  }

  void checkArchive(String artifact, String end, String entry) throws Exception {
    Path file = file(artifact, end);
    if (file == null) {
      faults.add(artifact + ": expected " + artifact + "-VERSION" + end + ", found none");
      return;
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      expect(zip.getEntry(entry) != null, file.getFileName() + ": expected " + entry + " in it");
    }
  }

  Document pom(String artifact) throws Exception {
    Path file = file(artifact, ".pom");
    if (file == null) {
      throw new IllegalStateException("expected a POM of " + artifact + " below " + group);
    }
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
  }

  /** A file of the only version; that of the artifact itself has no other ending. */
  Path file(String artifact, String end) throws Exception {
    for (Path file : list(list(group.resolve(artifact)).getFirst())) {
      String name = file.getFileName().toString();
      boolean other = name.endsWith("-sources.jar") || name.endsWith("-javadoc.jar");
      if (name.endsWith(end) && (!end.equals(".jar") || !other)) {
        return file;
      }
    }
    return null;
  }

  String text(Document pom, String path) throws Exception {
    return xpath.evaluate("/project/" + path, pom);
  }

  void expect(boolean condition, String fault) {
    if (!condition) {
      faults.add(fault);
    }
  }

  /** The folders of a folder, or its files if it has none. */
  static List<Path> list(Path folder) throws Exception {
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> all = entries.sorted().toList();
      List<Path> folders = all.stream().filter(Files::isDirectory).toList();
      return folders.isEmpty() ? all : folders;
    }
  }
}
