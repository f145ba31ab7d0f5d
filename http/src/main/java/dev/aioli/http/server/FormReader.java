package dev.aioli.http.server;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.FileUpload;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads forms, in memory: the body that it is given has been bounded. */
final class FormReader {
  private static final String MULTIPART = "multipart/form-data";
  private static final Pattern BOUNDARY =
      Pattern.compile(";\\s*boundary=\"?([^\";]+)", Pattern.CASE_INSENSITIVE);

  /** Netty forgets to release what it has copied when it refuses a form: the heap gets it back. */
  private static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false, true);

  private static final int MAX_FIELDS = 10_000;
  private static final int TAIL_BYTES = 4096; // something may follow the last boundary

  private final String contentType;

  private FormReader(String contentType) {
    this.contentType = contentType;
  }

  /**
   * A reader for a body of this type.
   *
   * @throws HttpStatusException if it is none of a form
   */
  static FormReader forType(@Nullable String contentType) {
    String type = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
    if (contentType != null
        && (type.startsWith("application/x-www-form-urlencoded") || type.startsWith(MULTIPART))) {
      return new FormReader(contentType);
    }
    throw new HttpStatusException(
        415,
        "expected a form (application/x-www-form-urlencoded or multipart/form-data), found "
            + (contentType == null ? "no Content-Type" : contentType));
  }

  Form read(byte[] body) {
    DefaultFullHttpRequest message =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.POST,
            "/",
            HEAP.compositeHeapBuffer(1).addComponent(true, Unpooled.wrappedBuffer(body)));
    message.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    HttpPostRequestDecoder decoder = null;
    try {
      checkEnd(body);
      decoder =
          new HttpPostRequestDecoder(
              new DefaultHttpDataFactory(false),
              message,
              StandardCharsets.UTF_8,
              MAX_FIELDS,
              Integer.MAX_VALUE); // the body is bounded already
      return collect(decoder.getBodyHttpDatas());
    } catch (HttpPostRequestDecoder.TooManyFormFieldsException e) {
      throw new HttpStatusException(413, "expected a form of at most " + MAX_FIELDS + " fields");
    } catch (HttpPostRequestDecoder.ErrorDataDecoderException
        | HttpPostRequestDecoder.TooLongFormFieldException
        | IllegalArgumentException e) {
      String reason = e.getMessage();
      throw new HttpStatusException(400, "malformed form" + (reason == null ? "" : ": " + reason));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // of memory: cannot be
    } finally {
      if (decoder != null) {
        decoder.destroy();
      }
      message.release();
    }
  }

  /** Netty takes a body that was cut off for one that has fewer parts. */
  private void checkEnd(byte[] body) {
    if (!contentType.regionMatches(true, 0, MULTIPART, 0, MULTIPART.length())) {
      return;
    }
    Matcher boundary = BOUNDARY.matcher(contentType);
    if (!boundary.find()) {
      throw new HttpStatusException(400, "malformed form: its Content-Type names no boundary");
    }
    int tail = Math.max(0, body.length - TAIL_BYTES);
    String end = new String(body, tail, body.length - tail, StandardCharsets.ISO_8859_1);
    if (!end.contains("--" + boundary.group(1) + "--")) {
      throw new HttpStatusException(400, "malformed form: its last boundary is missing");
    }
  }

  private static Form collect(List<InterfaceHttpData> parts) throws IOException {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    List<Form.File> files = new ArrayList<>();
    for (InterfaceHttpData part : parts) {
      if (part instanceof FileUpload file) {
        files.add(
            new Form.File(file.getName(), file.getFilename(), file.getContentType(), file.get()));
      } else if (part instanceof Attribute field) {
        fields.computeIfAbsent(field.getName(), key -> new ArrayList<>()).add(field.getValue());
      }
    }
    return new Form(fields, files);
  }
}
