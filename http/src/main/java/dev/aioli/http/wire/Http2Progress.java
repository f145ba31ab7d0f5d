package dev.aioli.http.wire;

import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.StreamByteDistributor;
import org.jspecify.annotations.Nullable;

/**
 * Counts how much of each stream's data the peer's windows have let out: what shows whether a peer
 * takes something in the middle of a large piece. On the loop's thread only.
 */
final class Http2Progress implements StreamByteDistributor {
  private final StreamByteDistributor distributor;
  private final Http2Connection.PropertyKey key;

  /** What has been counted of one stream. */
  private static final class Count {
    private long bytes;
  }

  Http2Progress(Http2Connection connection, StreamByteDistributor distributor) {
    this.distributor = distributor;
    key = connection.newKey();
  }

  /** How much has been let out of a stream. */
  long bytes(Http2Stream stream) {
    Count count = stream.getProperty(key);
    return count == null ? 0 : count.bytes;
  }

  private void count(Http2Stream stream, int bytes) {
    @Nullable Count count = stream.getProperty(key);
    if (count == null) {
      count = new Count();
      stream.setProperty(key, count);
    }
    count.bytes += bytes;
  }

  @Override
  public void updateStreamableBytes(StreamState state) {
    distributor.updateStreamableBytes(state);
  }

  @Override
  public void updateDependencyTree(int child, int parent, short weight, boolean exclusive) {
    distributor.updateDependencyTree(child, parent, weight, exclusive);
  }

  @Override
  public boolean distribute(int maxBytes, Writer writer) throws Http2Exception {
    return distributor.distribute(
        maxBytes,
        (stream, bytes) -> {
          count(stream, bytes);
          writer.write(stream, bytes);
        });
  }
}
