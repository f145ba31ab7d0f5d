package dev.aioli.http.server;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.wire.Tokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Compresses responses with gzip for clients that accept it: {@code
 * builder.use(Compression.gzip())}.
 *
 * <p>Takes what is text (by Content-Type), large enough and not encoded yet; parts of files and
 * statuses without a body stay as they are. Streamed bodies are compressed piece by piece, each of
 * which the client can read at once. What is larger than 64 KiB is compressed in a worker thread.
 */
public final class Compression implements Middleware {
  private static final int DEFAULT_MIN_BYTES = 1024;
  private static final int PIECE_BYTES = 64 * 1024;

  private final int minBytes;

  private Compression(int minBytes) {
    this.minBytes = minBytes;
  }

  /** With gzip, from 1 KiB on. */
  public static Compression gzip() {
    return gzip(DEFAULT_MIN_BYTES);
  }

  /**
   * With gzip.
   *
   * @param minBytes smaller bodies stay as they are
   */
  public static Compression gzip(int minBytes) {
    return new Compression(minBytes);
  }

  /** {@inheritDoc} */
  @Suspends
  @Override
  public ServerResponse handle(ServerRequest request, Handler next) throws Exception {
    ServerResponse response = next.handle(request);
    if (response.status() == 304) {
      return notModified(request, response);
    }
    if (!eligible(response)) {
      return isPartOfText(response) ? varying(response) : response;
    }
    ServerResponse varying = varying(response);
    return accepts(request) ? compress(varying, encoded(varying.headers())) : varying;
  }

  private static boolean accepts(ServerRequest request) {
    return accepts(request.headers().getAll("accept-encoding"));
  }

  /** Tells caches that the answer to others may be another. */
  private static ServerResponse varying(ServerResponse response) {
    return response.header("Vary", "Accept-Encoding");
  }

  /** What is said of the variant that the client would get, and has (RFC 9110, 15.4.5). */
  private ServerResponse notModified(ServerRequest request, ServerResponse response) {
    ServerResponse unmodified = response.unmodified();
    if (unmodified != null && !eligible(unmodified)) {
      return response;
    }
    ServerResponse varying = varying(response);
    boolean compressed =
        accepts(request)
            && (unmodified != null || hasCompressed(request, response.headers().get("etag")));
    return compressed ? varying.with(weakened(varying.headers()), varying.body()) : varying;
  }

  /** Whether the client names the tag as a compressed variant has it. */
  private static boolean hasCompressed(ServerRequest request, @Nullable String tag) {
    return tag != null
        && Tokens.elements(request.headers().getAll("if-none-match"))
            .anyMatch(known -> known.equals("W/" + tag));
  }

  /** Such a part is not compressed, but the whole would be. */
  private static boolean isPartOfText(ServerResponse response) {
    String type = response.headers().get("content-type");
    return response.status() == 206 && type != null && MediaTypes.compressible(type);
  }

  private boolean eligible(ServerResponse response) {
    String type = response.headers().get("content-type");
    long length =
        switch (response.body()) {
          case ResponseBody.Bytes(byte[] bytes) -> bytes.length;
          case ResponseBody.Streamed(BodyWriter writer, long size) -> size < 0 ? minBytes : size;
          case ResponseBody.FilePart part when response.status() == 200 -> part.length();
          default -> -1;
        };
    return length >= minBytes
        && type != null
        && MediaTypes.compressible(type)
        && !response.headers().contains("content-encoding")
        && !response.headers().contains("content-range");
  }

  /** RFC 9110, section 12.5.3; a client that says nothing gets what is there. */
  static boolean accepts(List<String> fields) {
    boolean others = false;
    for (String coding : Tokens.elements(fields).toList()) {
      String[] parts = coding.toLowerCase(Locale.ROOT).split(";", 2);
      boolean wanted = parts.length == 1 || !parts[1].strip().matches("q\\s*=\\s*0(\\.0*)?");
      switch (parts[0].strip()) {
        case "gzip", "x-gzip" -> {
          return wanted; // whatever is said of all others, before or behind it
        }
        case "*" -> others = wanted;
        default -> {} // another coding
      }
    }
    return others;
  }

  private static Headers encoded(Headers headers) {
    return weakened(headers)
        .without(List.of("Accept-Ranges")) // of the plain body
        .with("Content-Encoding", "gzip");
  }

  /** An entity tag must differ from that of the plain body, but may stay as a weak one. */
  private static Headers weakened(Headers headers) {
    String tag = headers.get("etag");
    return tag == null || tag.startsWith("W/") ? headers : headers.replaced("ETag", "W/" + tag);
  }

  @Suspends
  private static ServerResponse compress(ServerResponse response, Headers headers) {
    ResponseBody body =
        switch (response.body()) {
          case ResponseBody.Bytes(byte[] bytes) ->
              new ResponseBody.Bytes(Bulk.work(bytes.length, () -> compress(bytes)));
          case ResponseBody.Streamed(BodyWriter writer, long length) -> streamed(writer);
          case ResponseBody.FilePart part -> streamed(out -> copy(part, out));
          case ResponseBody.Upgrade upgrade -> upgrade;
        };
    return response.with(headers, body);
  }

  private static byte[] compress(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 2);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e); // in memory
    }
    return out.toByteArray();
  }

  private static ResponseBody streamed(BodyWriter writer) {
    BodyWriter compressing =
        out -> {
          Sink sink = new Sink(out);
          writer.write(new ResponseStream(sink));
          sink.finish();
        };
    return new ResponseBody.Streamed(compressing, -1);
  }

  @Suspends
  private static void copy(ResponseBody.FilePart part, ResponseStream out) throws IOException {
    try (InputStream in = Asyncio.toThread(() -> Files.newInputStream(part.file()))) {
      while (true) {
        byte[] piece = Asyncio.toThread(() -> in.readNBytes(PIECE_BYTES));
        if (piece.length == 0) {
          return;
        }
        out.write(piece);
      }
    }
  }

  /** Compresses the pieces that are written. */
  private static final class Sink implements ResponseStream.Sink {
    private final ResponseStream out;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    private final GZIPOutputStream gzip;

    Sink(ResponseStream out) throws IOException {
      this.out = out;
      gzip = new GZIPOutputStream(buffer, 8192, true);
    }

    @Suspends
    @Override
    public void write(byte[] bytes) throws IOException {
      out.write(Bulk.work(bytes.length, () -> compress(bytes)));
    }

    /** Only one piece at a time. */
    private byte[] compress(byte[] bytes) {
      try {
        gzip.write(bytes);
        gzip.flush();
      } catch (IOException e) {
        throw new AssertionError(e); // in memory
      }
      return taken();
    }

    private byte[] taken() {
      byte[] compressed = buffer.toByteArray();
      buffer.reset();
      return compressed;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Suspends
    void finish() throws IOException {
      gzip.close();
      out.write(taken());
    }
  }
}
