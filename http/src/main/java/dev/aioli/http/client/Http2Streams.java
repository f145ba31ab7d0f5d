package dev.aioli.http.client;

import io.netty.util.collection.IntObjectHashMap;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges under way on one HTTP/2 connection of the client: begun before they have a stream
 * number, found by it afterwards, and each ended once. In the loop's turn only.
 */
final class Http2Streams {
  private final IntObjectHashMap<Http2ClientStream> numbered = new IntObjectHashMap<>();
  private int exchanges;
  private boolean reused;

  /** How many have been begun and have not ended. */
  int size() {
    return exchanges;
  }

  /** Whether the server has answered one in full. */
  boolean reused() {
    return reused;
  }

  /** Counts one more, which has no number yet. */
  void begin() {
    exchanges++;
  }

  /** Finds it by its number from now on. */
  void number(Http2ClientStream stream, int id) {
    stream.id(id);
    numbered.put(id, stream);
  }

  /** The one with a number; null if it has ended. */
  @Nullable Http2ClientStream get(int id) {
    return numbered.get(id);
  }

  /** A copy, so that who came first is served first if it is asked again. */
  List<Http2ClientStream> inOrder() {
    return numbered.values().stream()
        .sorted(Comparator.comparingInt(Http2ClientStream::id))
        .toList();
  }

  /** Ends one whose response is complete. */
  void complete(Http2ClientStream stream) {
    reused = true;
    forget(stream);
  }

  /** Ends one whose outcome nobody wants. */
  void forget(Http2ClientStream stream) {
    stream.finish();
    numbered.remove(stream.id());
    exchanges--;
  }

  /** Ends one by an error. Does nothing if it has ended. */
  void fail(Http2ClientStream stream, HttpException error) {
    if (!stream.over()) {
      forget(stream);
      stream.failUpload(error);
      stream.exchange().onError(error);
    }
  }

  /**
   * Ends one that the server has certainly not looked at.
   *
   * @param othersProcessed whether it has looked at others
   */
  void failUnprocessed(Http2ClientStream stream, boolean othersProcessed, HttpException error) {
    stream.exchange().markUnprocessed(othersProcessed);
    fail(stream, error);
  }
}
