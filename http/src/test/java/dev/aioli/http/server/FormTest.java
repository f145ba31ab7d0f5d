package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.client.HttpResponse;
import dev.aioli.http.client.Multipart;
import dev.aioli.http.client.RequestBody;
import dev.aioli.http.testing.LeakCheck;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How forms are read: what arrives, what is refused, and that no form holds others up. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class FormTest {
  private static final String MULTIPART = "multipart/form-data; boundary=B";
  private static final String URL_ENCODED = "application/x-www-form-urlencoded";

  private static Form read(String contentType, String body) {
    return read(contentType, body, StandardCharsets.UTF_8);
  }

  private static Form read(String contentType, String body, Charset charset) {
    return FormReader.forType(contentType).read(body.getBytes(charset));
  }

  /** A multipart form; its lines end with CRLF. */
  private static Form multipart(String lines) {
    return read(MULTIPART, lines.replace("\n", "\r\n"));
  }

  /** The form of one part with these header fields and the content {@code x}. */
  private static Form part(String head) {
    return multipart("--B\n" + head + "\n\nx\n--B--\n");
  }

  private static String refusal(Stimulus form) {
    try {
      form.read();
    } catch (HttpStatusException e) {
      assertThat(e.status()).isEqualTo(400);
      return String.valueOf(e.getMessage());
    }
    throw new AssertionError("it was not refused");
  }

  private interface Stimulus {
    Form read();
  }

  // ---- names

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "a:b"          | a:b
          "a;b"          | a;b
          "a=b"          | a=b
          "a, b"         | a, b
          "a[0].b"       | a[0].b
          "j_id1:in:txt" | j_id1:in:txt
          "x\\"y"        | x"y
          "x\\\\y"       | x\\y
          "x%22y"        | x"y
          "100%25 %2B+"  | 100%25 %2B+
          "x\\"          | x\\
          "ä€😀"         | ä€😀
          ""             | ``
          plain          | plain
          a:b            | a:b
          """)
  void aNameArrivesAsItWasSent(String quoted, String name) {
    Form form = part("Content-Disposition: form-data; name=" + quoted);
    assertThat(form.fields()).isEqualTo(Map.of(name, List.of("x")));
    assertThat(part("Content-Disposition: form-data; name=f; filename=" + quoted).files())
        .singleElement()
        .satisfies(file -> assertThat(file.name()).isEqualTo(name));
  }

  @Test
  void aPathWithBackslashesArrivesAsItWasSent() {
    Form form = part("Content-Disposition: form-data; name=f; filename=\"C:\\dir\\a=b;c.txt\"");
    assertThat(form.file("f").name()).isEqualTo("C:\\dir\\a=b;c.txt");
    Form folder = part("Content-Disposition: form-data; name=\"f\\\"; filename=\"C:\\dir\\\"");
    assertThat(folder.files().getFirst().field()).isEqualTo("f\\");
    assertThat(folder.files().getFirst().name()).isEqualTo("C:\\dir\\");
  }

  @Test
  void namesGoThroughTheClientAndTheServerUnchanged() {
    List<String> names = List.of("a\"b", "a\r\nb", "a:b;c=d", "a\\b", "\u00e4 \u20ac", "50%");
    Asyncio.run(() -> {
      List<Form> forms = new ArrayList<>();
      try (var server =
              HttpServer.builder()
                  .post(
                      "/",
                      request -> {
                        forms.add(request.form());
                        return ServerResponse.text("ok");
                      })
                  .start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        Multipart body = Multipart.of();
        for (String name : names) {
          body = body.field(name, "1").part(name, name, "a/b", RequestBody.of("2"));
        }
        assertThat(http.request(HttpRequest.post(server.url()).body(body)).status()).isEqualTo(200);
      }
      assertThat(forms.getFirst().fields()).containsOnlyKeys(names);
      assertThat(forms.getFirst().files()).extracting(Form.File::name).isEqualTo(names);
      assertThat(forms.getFirst().files()).extracting(Form.File::field).isEqualTo(names);
    });
  }

  @Test
  void theNameInAnotherCharacterSetIsTakenIfThereIsOne() {
    String head = "Content-Disposition: form-data; name=f; filename=\"_.txt\"; filename*=";
    assertThat(part(head + "UTF-8''%c3%a9+%20.txt").file("f").name()).isEqualTo("\u00e9+ .txt");
    assertThat(part(head + "iso-8859-1'en'%e9.txt").file("f").name()).isEqualTo("\u00e9.txt");
    for (String wrong : List.of("x", "UTF-8''%zz", "nonsense''x", "''x", "'x")) {
      assertThat(refusal(() -> part(head + wrong))).contains("expected filename*=");
    }
  }

  /** What is allocated is what is copied. */
  private static long bytesToMake(int fields) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    Multipart form = Multipart.of();
    for (int i = 0; i < fields; i++) {
      form = form.field("name", "value");
    }
    assertThat(form.repeatable()).isTrue();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void oneMoreFieldOfAClientsFormCostsNoMoreThanTheFirst() {
    bytesToMake(100); // classes are loaded
    assertThat(bytesToMake(20_000)).isLessThan(30 * bytesToMake(1_000));
  }

  // ---- types and character sets

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Multipart/Form-Data; Boundary=B",
        "MULTIPART/FORM-DATA;BOUNDARY=\"B\"",
        "multipart/form-data ; charset=utf-8 ; boundary = B ;",
        "multipart/form-data; x=\";boundary=no\"; boundary=B"
      })
  void capitalsBlanksAndQuotesInTheContentTypeDoNotMatter(String contentType) {
    String body = "--B\r\nCONTENT-DISPOSITION: Form-Data; NAME=a\r\n\r\n1\r\n--B--\r\n";
    assertThat(read(contentType, body).fields()).isEqualTo(Map.of("a", List.of("1")));
  }

  @Test
  void theBoundaryKeepsItsCapitals() {
    String body = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--\r\n";
    assertThat(refusal(() -> read(MULTIPART, body))).contains("last boundary is missing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"text/plain", "application/x-www-form-urlencodedx", "multipart/mixed", ""})
  void otherTypesAreRefused(String contentType) {
    assertThatThrownBy(() -> FormReader.forType(contentType))
        .isInstanceOfSatisfying(
            HttpStatusException.class, e -> assertThat(e.status()).isEqualTo(415));
  }

  @Test
  void theCharacterSetOfTheFormIsThatOfItsContentType() {
    Charset latin1 = StandardCharsets.ISO_8859_1;
    String latinForm = URL_ENCODED + "; charset=iso-8859-1";
    assertThat(read(latinForm, "\u00e9=%e9", latin1).fields())
        .isEqualTo(Map.of("\u00e9", List.of("\u00e9")));
    String body = "--B\r\nContent-Disposition: form-data; name=\u00e9\r\n\r\n\u00e9\r\n--B--\r\n";
    assertThat(read(MULTIPART + "; charset=iso-8859-1", body, latin1).fields())
        .isEqualTo(Map.of("\u00e9", List.of("\u00e9")));
    assertThat(read(URL_ENCODED + "; charset=nonsense", "a=%c3%a9").get("a")).isEqualTo("\u00e9");
  }

  @Test
  void aPartMayHaveACharacterSetOfItsOwn() {
    String head = "Content-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset=";
    String body = "--B\r\n" + head + "iso-8859-1\r\n\r\n\u00e9\r\n--B--\r\n";
    assertThat(read(MULTIPART, body, StandardCharsets.ISO_8859_1).get("a")).isEqualTo("\u00e9");
  }

  // ---- urlencoded

  @Test
  void aNameMayBeEmptyAndSoMayAValue() {
    assertThat(read(URL_ENCODED, "a=1&=x&b&&c=&d=e=f&").fields())
        .isEqualTo(
            Map.of(
                "a", List.of("1"),
                "", List.of("x"),
                "b", List.of(""),
                "c", List.of(""),
                "d", List.of("e=f")));
    assertThat(read(URL_ENCODED, "").fields()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=%", "a=%4", "a=%zz", "%-1=a", "a=%4&b", "a=%\u00e9\u00e9"})
  void aPercentSignWithoutDigitsIsRefused(String body) {
    assertThat(refusal(() -> read(URL_ENCODED, body))).contains("two hexadecimal digits");
  }

  // ---- multipart

  @Test
  void whatStandsAroundThePartsIsIgnored() {
    Form form =
        multipart(
            """
            preamble
            --BB
            --B \t
            Content-Disposition: form-data; name="a"
            X-Other: whatever

            1
            --BB
            --B2

            --B
            Content-Disposition: form-data; name="empty"

            --B
            Content-Disposition: form-data; name="f"; filename=""

            --B--
            epilogue --B
            """);
    assertThat(form.fields())
        .isEqualTo(Map.of("a", List.of("1\r\n--BB\r\n--B2\r\n"), "empty", List.of("")));
    assertThat(form.file("f"))
        .satisfies(file -> assertThat(file.contentType()).isEqualTo("application/octet-stream"));
    assertThat(multipart("--B--\n").fields()).isEmpty();
  }

  @Test
  void aFieldOfAPartMayGoOnInTheNextLine() {
    Form form = part("Content-Disposition: form-data;\n name=\"a\";\n\tfilename=\"b c\"");
    assertThat(form.file("a").name()).isEqualTo("b c");
  }

  @Test
  void severalFilesOfOneFieldMayComeInAPartOfTheirOwn() {
    Form form =
        multipart(
            """
            --B
            Content-Disposition: form-data; name="f"
            Content-Type: multipart/mixed; boundary=C

            --C
            Content-Disposition: file; filename="1.txt"
            Content-Type: text/plain

            one
            --C
            Content-Disposition: attachment; filename="2.txt"

            two
            --C--
            --B--
            """);
    assertThat(form.files()).extracting(Form.File::field).containsExactly("f", "f");
    assertThat(form.files()).extracting(Form.File::name).containsExactly("1.txt", "2.txt");
    assertThat(form.files()).extracting(Form.File::text).containsExactly("one", "two");
  }

  @Test
  void base64IsDecodedAndOtherCodingsAreRefused() {
    String head = "--B\nContent-Disposition: form-data; name=a\nContent-Transfer-Encoding: ";
    assertThat(multipart(head + "BASE64\n\naGVs\nbG8=\n--B--").get("a")).isEqualTo("hello");
    assertThat(multipart(head + "binary\n\na\n--B--").get("a")).isEqualTo("a");
    assertThat(refusal(() -> multipart(head + "base64\n\na\n--B--"))).contains("expected base64");
    assertThat(refusal(() -> multipart(head + "quoted-printable\n\na\n--B--")))
        .contains("found quoted-printable");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Content-Disposition: form-data                   | expected a name in each part
          Content-Disposition: form-data; filename="a"     | expected a name in each part
          Content-Disposition: form-data; name             | expected a name in each part
          Content-Disposition: attachment; name="a"        | expected Content-Disposition: form-data
          Content-Type: text/plain                         | expected Content-Disposition: form-data
          Content-Disposition: form-data; name="a          | expected a value with parameters
          Content-Disposition: form-data; name="a"b        | expected a value with parameters
          Content-Disposition: form-data; name=a; name=b   | each of them once
          Content-Disposition: form-data; =a               | expected a value with parameters
          nonsense                                         | a line without a colon
          : a                                              | a line without a colon
          """)
  void aPartThatIsMalformedIsToldInOurWords(String head, String problem) {
    assertThat(refusal(() -> part(head))).startsWith("malformed form: ").contains(problem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\r\n",
        "--B",
        "--B\r\n",
        "--B\r\nContent-Disposition: form-data; name=a",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--B",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--B\r\n",
        "--B\nContent-Disposition: form-data; name=a\n\n1\n--B--\n",
        "--B\r\nContent-Disposition: form-data; name=a\r\n--B--\r\n",
        "--B\r\nContent-Disposition: form-data; name=a\r\n"
            + "Content-Type: multipart/mixed; boundary=C\r\n\r\n--C\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=a\r\n"
            + "Content-Type: multipart/mixed\r\n\r\n--C--\r\n--B--",
        "--B\r\nContent-Disposition: form-data; name=a\r\n"
            + "Content-Disposition: form-data; name=b\r\n\r\n1\r\n--B--",
      })
  void aFormThatIsCutOffOrHasOtherLineEndsIsRefused(String body) {
    assertThat(refusal(() -> read(MULTIPART, body))).startsWith("malformed form: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "multipart/form-data",
        "multipart/form-data; boundary",
        MULTIPART + "; boundary=C"
      })
  void aTypeWithoutOneBoundaryIsRefused(String contentType) {
    assertThat(refusal(() -> read(contentType, "--B--"))).startsWith("malformed form: ");
  }

  @Test
  void noFormMakesTheReaderThrowAnythingElse() {
    var random = new Random(42);
    String[] pieces = {
      "--B",
      "--B--",
      "\r\n",
      "\n",
      "\r",
      "Content-Disposition: form-data; name=",
      "\"",
      "a",
      "\\",
      ";",
      "=",
      "filename*=UTF-8''%",
      "Content-Type: multipart/mixed; boundary=C",
      "--C",
      "%",
      "&",
      "Content-Transfer-Encoding: base64",
      " ",
      "\t",
      ":",
      "\0",
      "\u00e9",
      "\r\n\r\n",
      "charset=x"
    };
    for (int i = 0; i < 5_000; i++) {
      StringBuilder body = new StringBuilder(random.nextBoolean() ? "--B\r\n" : "");
      for (int n = random.nextInt(25); n >= 0; n--) {
        body.append(pieces[random.nextInt(pieces.length)]);
      }
      body.append(random.nextBoolean() ? "\r\n--B--" : "");
      for (String type : List.of(MULTIPART, URL_ENCODED, MULTIPART + body, URL_ENCODED + body)) {
        try {
          read(type, body.toString());
        } catch (HttpStatusException e) {
          assertThat(e.status()).isIn(400, 415);
        }
      }
    }
  }

  // ---- work

  private static final int LARGE = 4 * 1024 * 1024;
  private static final String PART = "--B\r\nContent-Disposition: form-data; name=\"a\"";

  private static String fill(String head, String filling, String end) {
    return head + filling.repeat((LARGE - head.length()) / filling.length()) + end;
  }

  static Stream<String> formsThatMeanHarm() {
    String content = PART + "\r\n\r\n";
    return Stream.of(
        fill("", content + "x\r\n", "--B--"), // many parts
        (content + "x\r\n").repeat(9_000) + fill(content, "z", "\r\n--B--"), // and one file
        fill(content, "\r\n--", "\r\n--B--"), // what is nearly a delimiter
        fill(content, "\r\n--B ", "\r\n--B--"),
        fill(content, "\r", "\r\n--B--"),
        fill(content + "\r\n--B", " ", "x\r\n--B--"),
        fill("", "\r\n--B", ""), // a preamble and nothing else
        fill(PART, ";", "\r\n\r\nx\r\n--B--"), // a long line
        fill(PART + "; x=\"", "\\\\", "\r\n\r\nx\r\n--B--"),
        fill(PART, "\r\nX: y", "\r\n\r\nx\r\n--B--"), // a long head
        fill(PART, "\r\n y", "\r\n\r\nx\r\n--B--"),
        fill("", PART + ";".repeat(16_000) + "\r\n\r\nx\r\n", "--B--"), // many such heads
        fill("", PART + "\r\n ".repeat(5_000) + "\r\n\r\nx\r\n", "--B--"),
        fill("", PART + "\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n--C--\r\n", "--B--"));
  }

  @ParameterizedTest
  @MethodSource("formsThatMeanHarm")
  void theWorkIsAFixedAmountForEachByte(String form) {
    byte[] body = form.getBytes(StandardCharsets.ISO_8859_1);
    MultipartReader reader = new MultipartReader(body, StandardCharsets.UTF_8, 10_000);
    try {
      reader.read("B");
    } catch (HttpStatusException e) {
      assertThat(e.status()).isBetween(400, 413);
    }
    assertThat(reader.examined()).isPositive().isLessThanOrEqualTo(4L * body.length);
  }

  @Test
  void aHeadOfAPartHasABound() {
    String field = "X: " + "y".repeat(1000) + "\n";
    assertThat(part(field.repeat(16) + "Content-Disposition: form-data; name=a").get("a"))
        .isEqualTo("x");
    assertThat(refusal(() -> part(field.repeat(17) + "Content-Disposition: form-data; name=a")))
        .contains("of at most 16384 bytes");
  }

  @Test
  void tooManyPartsAreRefusedWithoutALookAtTheRest() {
    byte[] body = fill("", PART + "\r\n\r\nx\r\n", "--B--").getBytes(StandardCharsets.UTF_8);
    MultipartReader reader = new MultipartReader(body, StandardCharsets.UTF_8, 1_000);
    assertThatThrownBy(() -> reader.read("B"))
        .isInstanceOfSatisfying(
            HttpStatusException.class, e -> assertThat(e.status()).isEqualTo(413));
    assertThat(reader.examined()).isLessThan(body.length / 10);
  }

  /** Holds back what one task wants done in worker threads, to show what happens meanwhile. */
  private static final class HeldWork extends AbstractExecutorService {
    private final List<Runnable> held = new ArrayList<>();
    private @Nullable Task<?> of;
    private boolean shutdown;

    @Override
    public void execute(Runnable work) {
      if (of != null && Asyncio.currentTask() == of) {
        held.add(work);
      } else {
        Thread.ofPlatform().start(work);
      }
    }

    void release() {
      of = null;
      held.forEach(this::execute);
    }

    @Override
    public void shutdown() {
      shutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      shutdown = true;
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return shutdown;
    }

    @Override
    public boolean isTerminated() {
      return shutdown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  private interface Reading {
    Object of(ServerRequest request);
  }

  /** Sends a body, and sees others served while the handler reads it in some way. */
  private static void othersAreServedDuring(String contentType, byte[] body, Reading reading) {
    HeldWork workers = new HeldWork();
    Handler handler =
        request -> {
          request.bytes();
          workers.of = Asyncio.currentTask();
          return reading.of(request) instanceof ServerResponse response
              ? response
              : ServerResponse.text("done");
        };
    Asyncio.run(() -> {
      Asyncio.getRunningLoop().setDefaultExecutor(workers);
      try (var server =
              HttpServer.builder()
                  .use(Compression.gzip())
                  .post("/", handler)
                  .get("/", request -> ServerResponse.text("other"))
                  .start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        HttpRequest post =
            HttpRequest.post(server.url()).header("Content-Type", contentType).body(body);
        Task<HttpResponse> large = Asyncio.createTask(() -> http.request(post));
        while (workers.held.isEmpty() && !large.done()) {
          assertThat(http.get(server.url()).text()).isEqualTo("other");
        }
        assertThat(large.done()).isFalse();
        assertThat(http.get(server.url()).text()).isEqualTo("other");
        workers.release();
        assertThat(large.await().status()).isEqualTo(200);
      }
    });
  }

  @Test
  void othersAreServedWhileALargeMultipartFormIsRead() {
    String content = PART + "\r\n\r\nx\r\n";
    byte[] body = (content.repeat(9_000) + "--B--").getBytes(StandardCharsets.UTF_8);
    othersAreServedDuring(MULTIPART, body, ServerRequest::form);
  }

  @Test
  void othersAreServedWhileALargeUrlencodedFormIsRead() {
    byte[] body = "&".repeat(LARGE).getBytes(StandardCharsets.UTF_8);
    othersAreServedDuring(URL_ENCODED, body, ServerRequest::form);
  }

  @Test
  void othersAreServedWhileLargeJsonIsRead() {
    byte[] body = ("[" + "1,".repeat(LARGE / 2) + "1]").getBytes(StandardCharsets.UTF_8);
    othersAreServedDuring("application/json", body, ServerRequest::json);
    othersAreServedDuring("application/json", body, request -> request.json(int[].class));
  }

  @Test
  void othersAreServedWhileALargePieceOfAStreamIsCompressed() {
    byte[] piece = "a".repeat(LARGE).getBytes(StandardCharsets.UTF_8);
    othersAreServedDuring(
        "text/plain",
        new byte[0],
        request -> ServerResponse.stream("text/plain", out -> out.write(piece)));
  }

  @Test
  void othersAreServedWhileALargeTextIsDecoded() {
    byte[] body = "\u00e9".repeat(LARGE / 2).getBytes(StandardCharsets.UTF_8);
    othersAreServedDuring("text/plain; charset=gb18030", body, ServerRequest::text);
  }
}
