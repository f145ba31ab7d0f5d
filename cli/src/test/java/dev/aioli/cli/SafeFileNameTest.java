package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.http.url.UrlParts;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeFileNameTest {
  private static String name(String url) {
    return SafeFileName.of(TargetUrl.parse(url).parts());
  }

  @ParameterizedTest
  @CsvSource({
    "http://h, index.html",
    "http://h/, index.html",
    "http://h/a/b.json, b.json",
    "http://h/a/, index.html",
    "http://h/get?a=1&b=2, get_a=1_b=2",
    "http://h/data.csv?page=3, data_page=3.csv",
    "http://h/a/../.., _..",
    "http://h/.., _..",
    "http://h/., _.",
    "http://h/%2e%2e%2fetc, %2e%2e%2fetc",
    "http://h/x?f=../../etc/passwd, x_f=.._.._etc_passwd",
    "http://h/.htaccess, _.htaccess",
    "http://h/.aioli-1-1.part, _.aioli-1-1.part",
    "http://h/CON, _CON",
    "http://h/nul.txt, _nul.txt",
    "http://h/com1.tar.gz, _com1.tar.gz",
    "http://h/console, console",
    "http://h/-rf, _-rf",
    "http://h/--, _--",
    "http://h/-?-, _-_-",
    "http://h/a-, a-",
    "http://h/a., a_",
    "http://h/a:b*c, a_b_c",
    "http://h/a%00b, a%00b",
    "http://h/ü ö, %C3%BC%20%C3%B6",
    "http://h/v0.1?a=1, v0.1_a=1",
  })
  void isSafe(String url, String name) {
    assertThat(name(url)).isEqualTo(name.equals("_..") ? "_._" : name.equals("_.") ? "__" : name);
  }

  @Test
  void isNeverTooLongAndKeepsTheExtension() {
    String a = name("http://h/" + "x".repeat(1_000) + "a.json");
    String b = name("http://h/" + "x".repeat(1_000) + "b.json");
    assertThat(a).hasSizeLessThanOrEqualTo(200).endsWith(".json").isNotEqualTo(b);
  }

  @Test
  void isOneNameInTheFolder() {
    Path folder = Path.of("/tmp/folder");
    for (String url : new String[] {"http://h/..", "http://h/a/..%2f..", "http://h/?../.."}) {
      Path file = folder.resolve(SafeFileName.of(UrlParts.of(url))).normalize();
      assertThat(file.getParent()).isEqualTo(folder);
    }
  }

  @ParameterizedTest
  @CsvSource({"a.txt, 1, a.txt", "a.txt, 2, a-2.txt", "a, 3, a-3", "a.tar.gz, 2, a.tar-2.gz"})
  void numbersStandBeforeTheExtension(String name, int number, String expected) {
    assertThat(SafeFileName.numbered(name, number)).isEqualTo(expected);
  }
}
