package dev.aioli.net;

import dev.aioli.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;

/**
 * Feeds a {@link StreamReader} from a pipe, by a thread that reads one chunk, hands it over and
 * waits until the next one is wanted. So a slow reader stops the subprocess, and no more than a
 * chunk is on its way.
 *
 * <p>The thread is a platform thread: a read from a pipe holds its carrier, and those are few.
 */
final class PipeReader implements Pausable {
  private static final int CHUNK = 64 * 1024;

  private final NettyPoller poller;
  private final EventLoop loop;
  private final InputStream pipe;
  private final StreamReader reader;
  private final Runnable stop = this::stop;
  private final Semaphore wanted = new Semaphore(0);

  // Written in the turn, read by the thread after it was given a permit.
  private volatile boolean stopped;

  // In the turn only.
  private boolean paused;
  private boolean owing;

  PipeReader(NettyPoller poller, InputStream pipe, StreamReader reader) {
    this.poller = poller;
    this.pipe = pipe;
    this.reader = reader;
    loop = poller.loop();
    reader.setTransport(this);
  }

  void start(String name) {
    poller.addCloseHook(stop);
    Thread.ofPlatform().daemon().name(name).start(this::readAll);
  }

  // ---- in the thread

  private void readAll() {
    byte[] chunk = new byte[CHUNK];
    try (pipe) {
      for (int count = pipe.read(chunk); count >= 0; count = pipe.read(chunk)) {
        int arrived = count;
        loop.callSoonThreadsafe(() -> feed(chunk, arrived));
        wanted.acquireUninterruptibly();
        if (stopped) {
          return;
        }
      }
      loop.callSoonThreadsafe(this::feedEof);
    } catch (IOException e) {
      fail(e);
    } catch (IllegalStateException e) {
      // The loop is closed: nobody reads any more.
    }
  }

  private void fail(IOException cause) {
    try {
      loop.callSoonThreadsafe(() -> {
        poller.removeCloseHook(stop);
        reader.setException(cause);
      });
    } catch (IllegalStateException e) {
      // as above
    }
  }

  // ---- in the turn

  private void feed(byte[] chunk, int count) {
    reader.feed(chunk, count);
    if (paused) {
      owing = true;
    } else {
      wanted.release();
    }
  }

  private void feedEof() {
    poller.removeCloseHook(stop);
    reader.feedEof();
  }

  @Override
  public void pauseReading() {
    paused = true;
  }

  @Override
  public void resumeReading() {
    paused = false;
    if (owing) {
      owing = false;
      wanted.release();
    }
  }

  /** The loop closes. */
  private void stop() {
    stopped = true;
    wanted.release();
  }
}
