package dev.aioli.http.client;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A body that is in memory: sent with the head, without a task of its own. */
final class BytesBody implements RequestBody {
  final byte[] bytes;
  private final @Nullable String contentType;

  BytesBody(byte[] bytes, @Nullable String contentType) {
    this.bytes = Objects.requireNonNull(bytes, "bytes");
    this.contentType = contentType;
  }

  @Override
  public void writeTo(BodySink sink) {
    sink.write(bytes);
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public @Nullable String contentType() {
    return contentType;
  }
}
