package dev.aioli.http.client;

import dev.aioli.EventLoop;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells, once, that a stream which holds its connection is not read. Reading only counts: whether
 * it has gone on is looked at when the time is up.
 */
final class UnreadWatch extends DeadlineQueue.Entry {
  private static final System.Logger LOG = System.getLogger("dev.aioli");
  private static final int MAX_FRAMES = 20;

  private final StreamedResponse response;
  private final DeadlineQueue queue;
  private final @Nullable Throwable opened;
  private long readsBefore;

  /** In the task that has opened it. */
  UnreadWatch(StreamedResponse response, DeadlineQueue queue, EventLoop loop) {
    this.response = response;
    this.queue = queue;
    opened = loop.isDebug() ? new Throwable() : null;
    queue.start(this);
  }

  @Override
  void expired() {
    long reads = response.reads();
    if (reads != readsBefore) {
      readsBefore = reads;
      queue.start(this);
      return;
    }
    LOG.log(
        Level.WARNING,
        response
            + ": nobody has read its body for "
            + queue.limit().toSeconds()
            + " s or longer, and it holds its connection and its place among the requests meanwhile. Read it to"
            + " its end, or close it."
            + (opened == null ? " Debug mode tells where it was opened." : " It was opened here:")
            + frames());
  }

  private String frames() {
    return opened == null
        ? ""
        : Arrays.stream(opened.getStackTrace())
            .filter(frame -> !frame.getClassName().startsWith("dev.aioli.http.client.HttpClient"))
            .filter(frame -> !frame.getClassName().equals(StreamedResponse.class.getName()))
            .filter(frame -> !frame.getClassName().equals(Call.class.getName()))
            .filter(frame -> !frame.getClassName().equals(UnreadWatch.class.getName()))
            .limit(MAX_FRAMES)
            .map(frame -> "\n    at " + frame)
            .collect(Collectors.joining());
  }
}
