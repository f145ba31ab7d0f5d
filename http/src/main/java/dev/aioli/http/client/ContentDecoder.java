package dev.aioli.http.client;

import dev.aioli.http.Headers;
import io.netty.buffer.ByteBuf;
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
import java.util.Locale;
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

  private final String coding;
  private final Decompressor decompressor;
  private final Exchange exchange;
  private boolean begun;

  private ContentDecoder(String coding, Decompressor decompressor, Exchange exchange) {
    this.coding = coding;
    this.decompressor = decompressor;
    this.exchange = exchange;
  }

  /** What can be decoded, for Accept-Encoding. */
  static String accepted() {
    return ACCEPTED;
  }

  /**
   * The decoder for a body with these header fields; null if it is to be taken as it is.
   *
   * @param exchange whose body it is, for messages
   */
  static @Nullable ContentDecoder of(Headers headers, Exchange exchange) {
    String coding = headers.get("content-encoding");
    if (coding == null) {
      return null;
    }
    String name = coding.strip().toLowerCase(Locale.ROOT);
    Decompressor decompressor = decompressor(name);
    return decompressor == null ? null : new ContentDecoder(name, decompressor, exchange);
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
    if (!input.isReadable()) {
      input.release();
      return;
    }
    begun = true;
    try {
      if (decompressor.status() == Status.COMPLETE) {
        input.release();
        throw new HttpException.ProtocolError(
            "expected the end of the body, found bytes behind its " + coding + " data: " + exchange,
            null);
      }
      decompressor.addInput(input);
    } catch (DecompressionException e) {
      throw malformed(e);
    }
  }

  /**
   * The next piece of output, to be released by the caller; null if it takes more input first.
   *
   * @throws HttpException.ProtocolError if the input is not what it should be
   */
  @Nullable ByteBuf next() {
    try {
      while (decompressor.status() == Status.NEED_OUTPUT) {
        ByteBuf output = decompressor.takeOutput();
        if (output.isReadable()) {
          return output;
        }
        output.release();
      }
      return null;
    } catch (DecompressionException e) {
      throw malformed(e);
    }
  }

  /**
   * The body has ended. There may be some output left.
   *
   * @throws HttpException.ProtocolError if that is too early
   */
  void end() {
    try {
      if (begun && decompressor.status() == Status.NEED_INPUT) {
        decompressor.endOfInput();
      }
    } catch (DecompressionException e) {
      throw malformed(e);
    }
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

  @Override
  public void close() {
    decompressor.close();
  }
}
