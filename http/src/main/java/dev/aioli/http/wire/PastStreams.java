package dev.aioli.http.wire;

import io.netty.handler.codec.http2.Http2Error;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * What a server remembers of the streams of a client that are no more, to tell mistakes from frames
 * that were under way (RFC 9113, 5.1 and 5.1.1). On the loop's thread only.
 */
final class PastStreams {
  /** What is older is forgotten: nothing can be under way for so long. */
  private static final int MAX_ABANDONED = 1_000;

  private static final int MAX_GAPS = 64;

  private final LinkedHashSet<Integer> abandoned = new LinkedHashSet<>();
  private final ArrayDeque<Gap> gaps = new ArrayDeque<>();
  private int last = -1;

  /** Numbers that were passed over, and must not be used any more. */
  private record Gap(int first, int last) {}

  /** A stream has begun. */
  void begun(int id) {
    if (id > last + 2) {
      gaps.add(new Gap(last + 2, id - 2));
      if (gaps.size() > MAX_GAPS) {
        gaps.remove();
      }
    }
    last = Math.max(last, id);
  }

  /** A stream has ended before the client was through with it, who may not know yet. */
  void abandoned(int id) {
    abandoned.add(id);
    if (abandoned.size() > MAX_ABANDONED) {
      abandoned.remove(abandoned.getFirst());
    }
  }

  /**
   * What it is to send a frame on a stream that is no more.
   *
   * @return null if that is no reason to end the connection
   */
  @Nullable Http2Error judge(int id) {
    if (abandoned.contains(id)) {
      return null;
    }
    boolean neverOpened = gaps.stream().anyMatch(gap -> gap.first <= id && id <= gap.last);
    return neverOpened ? Http2Error.PROTOCOL_ERROR : Http2Error.STREAM_CLOSED;
  }
}
