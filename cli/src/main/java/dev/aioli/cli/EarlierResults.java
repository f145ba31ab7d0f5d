package dev.aioli.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/** For which entries a file has results, and how many. Used by one thread at a time. */
final class EarlierResults {
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(StreamReadFeature.AUTO_CLOSE_SOURCE).build();

  /** How every result begins. */
  private static final byte[] BEGIN = "{\"url\":".getBytes(StandardCharsets.US_ASCII);

  private final boolean retryFailed;
  private final Map<Key, Integer> counts = new HashMap<>();
  private long nuls;

  /**
   * What makes a request the same as that of an earlier run: 128 bits of hash, since a million URLs
   * would take ten times the memory.
   */
  private record Key(long high, long low) {
    static Key of(String url, @Nullable String digest) {
      String text = digest == null ? url : url + "\n" + digest;
      byte[] hash = Sha256.of(text.getBytes(StandardCharsets.UTF_8));
      ByteBuffer longs = ByteBuffer.wrap(hash);
      return new Key(longs.getLong(), longs.getLong());
    }
  }

  EarlierResults(boolean retryFailed) {
    this.retryFailed = retryFailed;
  }

  /**
   * Reads lines of results.
   *
   * @return the length of what is complete in bytes; after it there is at most a part of a result,
   *     and {@link #nuls}
   * @throws IOException if there is anything but results
   */
  long read(FileChannel file, Path path) throws IOException {
    long end = 0;
    long number = 1;
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), from(file, 0))) {
      for (JsonToken token; (token = parser.nextToken()) != null; number++) {
        if (token != JsonToken.START_OBJECT) {
          throw notResults(path, number);
        }
        readResult(parser, path, number);
        end = parser.currentLocation().getByteOffset();
      }
    } catch (JacksonIOException e) {
      throw e.getCause();
    } catch (JacksonException e) {
      nuls = TornLine.nuls(from(file, end), BEGIN);
      if (nuls < 0) {
        throw notResults(path, number);
      }
    }
    return end;
  }

  /** How many NULs were at the end of what was read. */
  long nuls() {
    return nuls;
  }

  private static InputStream from(FileChannel file, long position) throws IOException {
    file.position(position);
    return new BufferedInputStream(Channels.newInputStream(file), 64 * 1024);
  }

  private void readResult(JsonParser parser, Path path, long number) throws IOException {
    String url = null;
    String digest = null;
    boolean failed = false;
    boolean isResult = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = Objects.requireNonNull(parser.currentName());
      JsonToken value = parser.nextToken();
      switch (name) {
        case "url" -> url = parser.getString();
        case "request" -> digest = parser.getString();
        case "error" -> {
          isResult = true;
          failed = value != JsonToken.VALUE_NULL;
        }
        default -> {}
      }
      parser.skipChildren();
    }
    if (url == null || !isResult) {
      throw notResults(path, number);
    }
    if (!failed || !retryFailed) {
      counts.merge(Key.of(url, digest), 1, Integer::sum);
    }
  }

  private static IOException notResults(Path path, long number) {
    return new IOException(
        "expected results of an earlier run in "
            + path
            + ", found something else in line "
            + number
            + "; name another file");
  }

  /** Whether there is a result left for this entry; if so, there is one less now. */
  boolean take(Entry entry) {
    if (counts.isEmpty()) {
      return false;
    }
    Key key =
        switch (entry) {
          case FetchRequest request -> Key.of(request.url(), request.digest());
          case BadLine line -> Key.of(line.text(), null);
        };
    Integer count = counts.get(key);
    if (count == null) {
      return false;
    }
    if (count == 1) {
      counts.remove(key);
    } else {
      counts.put(key, count - 1);
    }
    return true;
  }
}
