package dev.aioli.http.client;

import dev.aioli.http.Headers;
import dev.aioli.http.wire.Tokens;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.compression.Brotli;
import io.netty.handler.codec.compression.BrotliDecompressor;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.compression.Decompressor;
import io.netty.handler.codec.compression.Decompressor.Status;
import io.netty.handler.codec.compression.JdkZlibDecompressor;
import io.netty.handler.codec.compression.ZlibWrapper;
import io.netty.handler.codec.compression.Zstd;
import io.netty.handler.codec.compression.ZstdDecompressor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Undoes the Content-Encoding of a body. Output is pulled piece by piece: a small input may become
 * a thousand times as large, and whoever pulls decides how much of that there will be.
 *
 * <p>Brotli and Zstandard need a library that the program brings: brotli4j, zstd-jni.
 */
final class ContentDecoder implements AutoCloseable {
  // Netty's handlers would push all output of an input at once. Its Decompressor is younger and may
  // still change; it is used here only.
  private static final String ACCEPTED =
      "gzip, deflate" + (Brotli.isAvailable() ? ", br" : "") + (Zstd.isAvailable() ? ", zstd" : "");

  /** As curl and urllib3 have it: nobody needs more, and each may make a thousand times as much. */
  private static final int MAX_CODINGS = 5;

  /** In the order in which they are undone: the last that was applied comes first. */
  private final List<Stage> stages;

  private boolean ended;

  private ContentDecoder(List<Stage> stages) {
    this.stages = stages;
  }

  /** What can be decoded, for Accept-Encoding. */
  static String accepted() {
    return ACCEPTED;
  }

  /**
   * The decoder for a body with these header fields; null if it is to be taken as it is: it has no
   * coding, or one that is not known here.
   *
   * @param exchange whose body it is, for messages
   * @throws HttpException.ProtocolError if there are too many
   */
  static @Nullable ContentDecoder of(Headers headers, Exchange exchange) {
    List<String> codings =
        Tokens.elements(headers.getAll("content-encoding"))
            .map(coding -> coding.toLowerCase(Locale.ROOT))
            .filter(coding -> !coding.isEmpty() && !coding.equals("identity"))
            .toList();
    if (codings.size() > MAX_CODINGS) {
      throw new HttpException.ProtocolError(
          "expected a body in at most "
              + MAX_CODINGS
              + " codings, found "
              + codings
              + ": "
              + exchange,
          null);
    }
    if (codings.isEmpty() || !codings.stream().allMatch(ContentDecoder::isKnown)) {
      return null;
    }
    List<Stage> stages = new ArrayList<>();
    for (String coding : codings.reversed()) {
      stages.add(new Stage(coding, Objects.requireNonNull(decompressor(coding)), exchange));
    }
    return new ContentDecoder(stages);
  }

  private static boolean isKnown(String coding) {
    return switch (coding) {
      case "gzip", "x-gzip", "deflate" -> true;
      case "br" -> Brotli.isAvailable();
      case "zstd" -> Zstd.isAvailable();
      default -> false;
    };
  }

  private static @Nullable Decompressor decompressor(String coding) {
    UnpooledByteBufAllocator allocator = UnpooledByteBufAllocator.DEFAULT;
    return switch (coding) {
      case "gzip", "x-gzip" ->
          JdkZlibDecompressor.builder()
              .wrapper(ZlibWrapper.GZIP)
              .decompressConcatenated(true)
              .build(allocator);
      case "deflate" -> // with the header of zlib, as it should be, or without
          JdkZlibDecompressor.builder().wrapper(ZlibWrapper.ZLIB_OR_NONE).build(allocator);
      case "br" -> Brotli.isAvailable() ? BrotliDecompressor.builder().build(allocator) : null;
      case "zstd" -> Zstd.isAvailable() ? ZstdDecompressor.builder().build(allocator) : null;
      default -> null;
    };
  }

  /**
   * Takes input. Only when {@link #next} has no more output.
   *
   * @param input released here
   */
  void feed(ByteBuf input) {
    stages.getFirst().feed(input);
  }

  /**
   * The next piece of output, to be released by the caller; null if it takes more input first.
   *
   * @throws HttpException.ProtocolError if the input is not what it should be
   */
  @Nullable ByteBuf next() {
    return next(stages.size() - 1);
  }

  private @Nullable ByteBuf next(int index) {
    Stage stage = stages.get(index);
    while (true) {
      ByteBuf output = stage.next();
      if (output != null || index == 0) {
        return output;
      }
      ByteBuf input = next(index - 1);
      if (input != null) {
        stage.feed(input);
      } else if (ended && !stage.ended()) {
        stage.end();
      } else {
        return null;
      }
    }
  }

  /**
   * The body has ended. There may be some output left.
   *
   * @throws HttpException.ProtocolError if that is too early
   */
  void end() {
    ended = true;
    stages.getFirst().end();
  }

  @Override
  public void close() {
    stages.forEach(stage -> stage.decompressor.close());
  }

  /** One coding that is undone. */
  private static final class Stage {
    /** More than a head of gzip has. */
    private static final byte[] NO_HEAD = new byte[16];

    private static final byte GZIP_MAGIC = 0x1f;

    private final String coding;
    private final Decompressor decompressor;
    private final Exchange exchange;
    private boolean begun;
    private boolean hasMember;
    private boolean over;
    private boolean ended;

    Stage(String coding, Decompressor decompressor, Exchange exchange) {
      this.coding = coding;
      this.decompressor = decompressor;
      this.exchange = exchange;
    }

    /** Whether the end of the input has been told. */
    boolean ended() {
      return ended;
    }

    void feed(ByteBuf input) {
      if (!input.isReadable()) {
        input.release();
        return;
      }
      try {
        if (over || decompressor.status() == Status.COMPLETE) {
          input.release(); // what is behind the end is of no interest, as for gunzip
          return;
        }
        if (!begun) {
          begun = true;
          hasMember = coding.endsWith("gzip") && input.getByte(input.readerIndex()) == GZIP_MAGIC;
        }
        decompressor.addInput(input);
      } catch (DecompressionException e) {
        behindEnd(e);
      }
    }

    @Nullable ByteBuf next() {
      try {
        while (!over && decompressor.status() == Status.NEED_OUTPUT) {
          ByteBuf output = decompressor.takeOutput();
          if (output.isReadable()) {
            return output;
          }
          output.release();
        }
      } catch (DecompressionException e) {
        throw malformed(e); // also if it is behind the end: the output of this step is lost
      }
      return null;
    }

    void end() {
      ended = true;
      try {
        if (!begun || over || decompressor.status() != Status.NEED_INPUT) {
          return;
        }
        if (hasMember) {
          endMembers();
        } else {
          decompressor.endOfInput();
        }
      } catch (DecompressionException e) {
        throw malformed(e);
      }
    }

    /** Netty would take a few bytes behind the last member for a head that is cut off. */
    private void endMembers() {
      try {
        decompressor.addInput(Unpooled.wrappedBuffer(NO_HEAD));
      } catch (DecompressionException e) {
        if (isNoHead(e)) {
          over = true; // so it was waiting for one
          return;
        }
      }
      throw new DecompressionException("it ends too early");
    }

    /**
     * Behind a member of gzip there may be another, or zeros, or what somebody has forgotten there:
     * gunzip ignores the latter.
     */
    private void behindEnd(DecompressionException e) {
      if (!hasMember || !isNoHead(e)) {
        throw malformed(e);
      }
      over = true;
    }

    /**
     * Netty has one exception for all; the first head had passed when a later one fails by this.
     */
    private static boolean isNoHead(DecompressionException e) {
      return String.valueOf(e.getMessage()).contains("not in the GZIP format");
    }

    private HttpException.ProtocolError malformed(DecompressionException e) {
      return new HttpException.ProtocolError(
          "expected a body in "
              + coding
              + ", found something else ("
              + e.getMessage()
              + "): "
              + exchange,
          e);
    }
  }
}
