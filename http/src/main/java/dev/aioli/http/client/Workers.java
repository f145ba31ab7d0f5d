package dev.aioli.http.client;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;

/** What blocks, done by the loop's worker threads. */
final class Workers {
  private static final int BLOCK_BYTES = 64 * 1024;

  private Workers() {}

  /** As {@link Asyncio#toThread}, with I/O errors as they are. */
  @Suspends
  static <T> T call(Callable<T> body) throws IOException {
    try {
      return Asyncio.toThread(body);
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** Writes what is left in a stream. */
  @Suspends
  static void copy(InputStream in, BodySink sink) throws IOException {
    for (byte[] block = read(in); block.length > 0; block = read(in)) {
      sink.writeOwned(block);
    }
  }

  @Suspends
  private static byte[] read(InputStream in) throws IOException {
    return call(() -> {
      byte[] block = new byte[BLOCK_BYTES];
      int length = in.read(block); // not readNBytes: what is there goes out at once
      return length == BLOCK_BYTES ? block : Arrays.copyOf(block, Math.max(length, 0));
    });
  }
}
