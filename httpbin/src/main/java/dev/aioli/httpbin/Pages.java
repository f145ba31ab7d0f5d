package dev.aioli.httpbin;

import dev.aioli.http.Headers;
import dev.aioli.http.server.ServerResponse;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Documents that are always the same, and the index. */
final class Pages {
  static final String HTML =
      """
      <!DOCTYPE html>
      <html>
        <head><title>A page</title></head>
        <body>
          <h1>The loop</h1>
          <p>One turn at a time, in the order in which they came.</p>
        </body>
      </html>
      """;

  static final String XML =
      """
      <?xml version="1.0" encoding="utf-8"?>
      <slideshow title="Tasks">
        <slide><title>Start</title></slide>
        <slide><title>Suspend</title><item>and resume</item></slide>
      </slideshow>
      """;

  static final String ROBOTS = "User-agent: *\nDisallow: /deny\n";

  static final String UTF8 =
      """
      <!DOCTYPE html>
      <meta charset="utf-8">
      <h1>Unicode</h1>
      <p>Latin: \u00e4\u00f6\u00fc\u00df \u00e9\u00e8\u00ea \u0142\u017c</p>
      <p>Greek: \u03ba\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1</p>
      <p>Cyrillic: \u043f\u0440\u0438\u0432\u0435\u0442</p>
      <p>Hebrew: \u05e9\u05dc\u05d5\u05dd</p>
      <p>Han: \u4f60\u597d</p>
      <p>Signs: \u2200x \u2208 \u211d, \ud83d\ude00</p>
      """;

  private static final byte[] PNG =
      Base64.getDecoder()
          .decode(
              "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
                  + "rkJggg==");

  private Pages() {}

  static ServerResponse json() {
    ObjectNode answer = Echo.object();
    ObjectNode show = answer.putObject("slideshow");
    show.put("title", "Tasks").put("author", "Aioli");
    show.putArray("slides")
        .add(Echo.object().put("title", "Start"))
        .add(Echo.object().put("title", "Suspend"));
    return ServerResponse.json(answer);
  }

  static ServerResponse png() {
    return ServerResponse.of(200, Headers.of("Content-Type", "image/png"), PNG);
  }

  /** What there is to ask. */
  static String index(List<Endpoint> endpoints) {
    StringBuilder page =
        new StringBuilder(
            """
            <!DOCTYPE html>
            <html>
            <head><meta charset="utf-8"><title>httpbin</title></head>
            <body>
            <h1>httpbin</h1>
            <p>Something to ask, by Aioli. Answers have the shape of httpbin.org's.</p>
            <table>
            """);
    for (Endpoint endpoint : endpoints) {
      String methods =
          endpoint.methods().contains("*") ? "any" : String.join(", ", endpoint.methods());
      page.append(
          "<tr><td>%s</td><td><code>%s</code></td><td>%s</td></tr>\n"
              .formatted(methods, endpoint.path(), endpoint.summary()));
    }
    return page.append("</table>\n</body>\n</html>\n").toString();
  }
}
