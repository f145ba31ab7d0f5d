package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The BOM has no parent, since users would import the versions of the parent's tools with it; so it
 * repeats what it shares with it.
 */
class BomTest {
  private static final Pattern PROPERTY = Pattern.compile("<([\\w-]+\\.version)>([^<]+)<");
  private static final Pattern ARTIFACT =
      Pattern.compile("<artifactId>(aioli-\\w+)</artifactId>\\s*<version>([^<]+)<");

  private static String pom(String folder) throws IOException {
    return Files.readString(Path.of("..", folder, "pom.xml"));
  }

  private static Map<String, String> found(Pattern pattern, String text) {
    Map<String, String> found = new TreeMap<>();
    pattern.matcher(text).results().forEach(one -> found.put(one.group(1), one.group(2)));
    return found;
  }

  @Test
  void versionsAreThoseOfTheParent() throws IOException {
    Map<String, String> ofBom = found(PROPERTY, pom("bom"));
    assertThat(ofBom).containsKeys("netty.version", "jackson.version");
    assertThat(found(PROPERTY, pom("."))).containsAllEntriesOf(ofBom);
    assertThat(found(ARTIFACT, pom("bom")).get("aioli-bom"))
        .isEqualTo(found(ARTIFACT, pom(".")).get("aioli-parent"));
  }

  @Test
  void allThatIsPublishedIsInIt() throws IOException {
    assertThat(found(ARTIFACT, pom("bom")))
        .containsOnlyKeys(
            "aioli-bom", "aioli-core", "aioli-process", "aioli-net", "aioli-http", "aioli-httpbin");
    for (String module : List.of("core", "process", "net", "http", "httpbin")) {
      assertThat(pom(module)).doesNotContain("maven.deploy.skip");
    }
  }

  @Test
  void programsAndTestsOfOursAreNotPublished() throws IOException {
    for (String module :
        List.of("conformance", "stress", "examples", "cli", "soak", "benchmarks")) {
      assertThat(pom(module)).as(module).contains("<maven.deploy.skip>true</maven.deploy.skip>");
    }
  }
}
