package dev.aioli.net;

import dev.aioli.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Feeds a {@link StreamReader} from a pipe, by a thread that reads one chunk, hands it over and
 * waits until the next one is wanted. So a slow reader stops the subprocess, and no more than a
 * chunk is on its way.
 *
 * <p>The thread does not wait for long: whoever has stopped to read may never come back, and a
 * program that was killed would leave it behind. It ends, and the next one begins when more is
 * wanted. What the program has written by then is in the pipe, or the JDK has taken it out when the
 * program ended.
 *
 * <p>The thread is a platform thread: a read from a pipe holds its carrier, and those are few.
 */
final class PipeReader implements Pausable {
  private static final int CHUNK = 64 * 1024;
  private static final long PATIENCE_MILLIS = 500;

  private final NettyPoller poller;
  private final EventLoop loop;
  private final InputStream pipe;
  private final StreamReader reader;
  private final String name;

  // In the turn only.
  private @Nullable Pump pump; // null before the start, and while none is wanted
  private boolean paused;
  private boolean owing; // the pump waits for its permit, or has given up waiting

  PipeReader(NettyPoller poller, InputStream pipe, StreamReader reader, String name) {
    this.poller = poller;
    this.pipe = pipe;
    this.reader = reader;
    this.name = name;
    loop = poller.loop();
    reader.setTransport(this);
  }

  void start() {
    pump = new Pump();
    poller.addCloseHook(pump);
    Thread.ofPlatform().daemon().name(name).start(pump::readAll);
  }

  private void end(Pump ended) {
    pump = null;
    poller.removeCloseHook(ended);
  }

  private void feed(byte[] chunk, int count) {
    reader.feed(chunk, count);
    if (paused) {
      owing = true;
    } else {
      wantMore();
    }
  }

  private void wantMore() {
    owing = false;
    if (pump == null) {
      start();
    } else {
      pump.permit(Permit.READ);
    }
  }

  @Override
  public void pauseReading() {
    paused = true;
  }

  @Override
  public void resumeReading() {
    paused = false;
    if (owing) {
      wantMore();
    }
  }

  private enum Permit {
    /** Another chunk. */
    READ,
    /** No more: another pump will go on, if any. */
    LEAVE,
    /** No more, since the loop closes. */
    CLOSE
  }

  /** One thread. As a hook, run when the loop closes. */
  private final class Pump implements Runnable {
    private final BlockingQueue<Permit> permits = new LinkedBlockingQueue<>();

    // ---- in the turn

    void permit(Permit permit) {
      permits.add(permit);
    }

    @Override
    public void run() {
      permit(Permit.CLOSE);
    }

    private void waitsLong() {
      if (owing) {
        end(this);
        permit(Permit.LEAVE);
      } // else it has its permit by now
    }

    private void reachedEnd(@Nullable IOException failure) {
      end(this);
      if (failure == null) {
        reader.feedEof();
      } else {
        reader.setException(failure);
      }
    }

    // ---- in the thread

    void readAll() {
      byte[] chunk = new byte[CHUNK];
      try {
        for (int count = pipe.read(chunk); count >= 0; count = pipe.read(chunk)) {
          int arrived = count;
          loop.callSoonThreadsafe(() -> feed(chunk, arrived));
          Permit permit = awaitPermit();
          if (permit == Permit.LEAVE) {
            return;
          }
          if (permit == Permit.CLOSE) {
            break;
          }
        }
        tellEnd(null);
      } catch (IOException e) {
        tellEnd(e);
      } catch (IllegalStateException e) {
        closePipe(); // the loop is closed: nobody reads any more
      } catch (InterruptedException e) {
        throw new AssertionError("nobody has this thread to interrupt it", e);
      }
    }

    private Permit awaitPermit() throws InterruptedException {
      Permit permit = permits.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      if (permit != null) {
        return permit;
      }
      loop.callSoonThreadsafe(this::waitsLong);
      return permits.take();
    }

    private void tellEnd(@Nullable IOException failure) {
      closePipe();
      try {
        loop.callSoonThreadsafe(() -> reachedEnd(failure));
      } catch (IllegalStateException e) {
        // the loop is closed
      }
    }

    private void closePipe() {
      try {
        pipe.close();
      } catch (IOException e) {
        // it is of no use any more
      }
    }
  }
}
