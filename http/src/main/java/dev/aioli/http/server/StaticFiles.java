package dev.aioli.http.server;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.wire.HttpDate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Serves the files of a folder: the handler of a route that ends in <code>{path...}</code>. What
 * {@link HttpServerBuilder#files} adds.
 *
 * <p>Answers conditional requests (ETag, Last-Modified: all of RFC 9110, section 13) and those for
 * a part (Range). For a folder it gives its {@code index.html}; there are no listings. Nothing
 * outside the folder is served, whatever the path or a symbolic link says, and no file or folder
 * whose name begins with a dot, be it the name in the path or the one to which a link leads. Files
 * are looked up in a worker thread, and sent by the system without a copy in memory, unless there
 * is TLS or compression.
 */
public final class StaticFiles implements Handler {
  /** The name of the parameter that the route must have at its end. */
  static final String PARAMETER = "path";

  private static final String INDEX = "index.html";

  private final Path folder;

  private StaticFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * A handler for the files of a folder.
   *
   * @throws IllegalArgumentException if it is no folder
   */
  public static StaticFiles of(Path folder) {
    try {
      Path real = folder.toRealPath();
      if (Files.isDirectory(real)) {
        return new StaticFiles(real);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("expected a folder, cannot read " + folder, e);
    }
    throw new IllegalArgumentException("expected a folder, found " + folder);
  }

  /** What a path leads to. */
  private sealed interface Found {}

  private record RegularFile(Path path, long size, Instant modified) implements Found {
    String etag() {
      return "\"" + Long.toHexString(modified.toEpochMilli()) + "-" + Long.toHexString(size) + "\"";
    }
  }

  private enum Other implements Found {
    FOLDER_WITHOUT_SLASH,
    NOTHING
  }

  /** {@inheritDoc} */
  @Suspends
  @Override
  public ServerResponse handle(ServerRequest request) throws Exception {
    String path = request.pathParameter(PARAMETER);
    return switch (Asyncio.toThread(() -> find(path))) {
      case RegularFile file -> answer(request, file);
      case Other.FOLDER_WITHOUT_SLASH -> ServerResponse.redirect(301, withSlash(request.target()));
      case Other.NOTHING -> throw new HttpStatusException(404, "no such file: " + request.path());
    };
  }

  /** Relative, so that no host name is needed. */
  private static String withSlash(String target) {
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    String last = path.substring(path.lastIndexOf('/') + 1);
    return "./" + last + "/" + (query < 0 ? "" : target.substring(query));
  }

  // ---- in a worker thread

  private Found find(String path) throws IOException {
    boolean slash = path.isEmpty() || path.endsWith("/");
    Path wanted = folder;
    for (String name : (slash ? path + INDEX : path).split("/", -1)) {
      if (name.isEmpty() || name.startsWith(".") || name.indexOf('\\') >= 0) {
        return Other.NOTHING;
      }
      try {
        wanted = wanted.resolve(name);
      } catch (InvalidPathException e) {
        return Other.NOTHING;
      }
    }
    Path real;
    BasicFileAttributes attributes;
    try {
      real = wanted.toRealPath();
      attributes = Files.readAttributes(real, BasicFileAttributes.class);
    } catch (IOException e) {
      return Other.NOTHING;
    }
    if (!isServed(real)) {
      return Other.NOTHING;
    }
    if (attributes.isDirectory()) {
      return slash ? Other.NOTHING : Other.FOLDER_WITHOUT_SLASH;
    }
    return attributes.isRegularFile() && Files.isReadable(real)
        ? new RegularFile(real, attributes.size(), attributes.lastModifiedTime().toInstant())
        : Other.NOTHING;
  }

  /** A link may lead to another place in the folder, but not to what the folder would not give. */
  private boolean isServed(Path real) {
    if (!real.startsWith(folder)) {
      return false;
    }
    for (Path name : folder.relativize(real)) {
      if (name.toString().startsWith(".")) {
        return false;
      }
    }
    return true;
  }

  // ---- in the task

  private static ServerResponse answer(ServerRequest request, RegularFile file) {
    Preconditions conditions = new Preconditions(request.headers(), file.etag(), file.modified);
    int status = conditions.status();
    if (status == 412) {
      throw new HttpStatusException(
          412,
          "expected the file as the client knows it (If-Match, If-Unmodified-Since), it has changed",
          Headers.of("ETag", file.etag()));
    }
    Headers headers =
        Headers.of(
            "Last-Modified",
            HttpDate.format(file.modified),
            "ETag",
            file.etag(),
            "Accept-Ranges",
            "bytes",
            "Content-Type",
            MediaTypes.of(file.path));
    ServerResponse whole = ServerResponse.file(200, headers, file.path, 0, file.size);
    if (status == 304) {
      return ServerResponse.notModified(whole);
    }
    ByteRange range = conditions.allowPart() ? range(request, file) : null;
    return range == null ? whole : part(headers, file, range);
  }

  private static @Nullable ByteRange range(ServerRequest request, RegularFile file) {
    String field = request.headers().get("range");
    return field == null || !request.method().equals("GET")
        ? null
        : ByteRange.parse(field, file.size);
  }

  private static ServerResponse part(Headers headers, RegularFile file, ByteRange range) {
    if (!range.satisfiable()) {
      throw new HttpStatusException(
          416,
          "the file has " + file.size + " bytes",
          Headers.of("Content-Range", "bytes */" + file.size));
    }
    return ServerResponse.file(
        206,
        headers.with("Content-Range", range.contentRange()),
        file.path,
        range.first(),
        range.length());
  }

  @Override
  public String toString() {
    return "StaticFiles[" + folder + "]";
  }
}
