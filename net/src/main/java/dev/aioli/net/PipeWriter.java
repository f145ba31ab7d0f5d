package dev.aioli.net;

import dev.aioli.EventLoop;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Carries the bytes of a {@link StreamWriter} into a pipe, by a thread that takes all that was
 * written since it last came and blocks where the loop must not. Platform threads, for the reason
 * that {@link PipeReader} has.
 */
final class PipeWriter implements StreamTransport {
  private final NettyPoller poller;
  private final EventLoop loop;
  private final OutputStream pipe;
  private final WriteFlow flow;
  private final ExecutorService thread;
  private final Runnable stop = this::stop;

  // In the turn only.
  private List<byte[]> queue = new ArrayList<>();
  private boolean busy;
  private boolean closing;

  PipeWriter(NettyPoller poller, OutputStream pipe, String name) {
    this.poller = poller;
    this.pipe = pipe;
    loop = poller.loop();
    flow = new WriteFlow(loop);
    thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name(name).factory());
    poller.addCloseHook(stop);
  }

  // ---- in the turn

  @Override
  public void write(byte[] bytes) {
    if (!closing && bytes.length > 0) {
      queue.add(bytes);
      flow.added(bytes.length);
      work();
    }
  }

  /** Has the thread do what there is to do, unless it is at it. */
  private void work() {
    if (busy || flow.isLost()) {
      return;
    }
    if (!queue.isEmpty()) {
      List<byte[]> batch = queue;
      queue = new ArrayList<>();
      busy = true;
      thread.execute(() -> writeAll(batch));
    } else if (closing) {
      lost(null);
    }
  }

  private void written(long count, @Nullable IOException failure) {
    busy = false;
    if (failure != null) {
      lost(failure);
    } else if (!flow.isLost()) {
      flow.sent(count);
      work();
    }
  }

  /** The subprocess has ended, so nobody reads what is left. */
  void peerGone() {
    lost(busy || !queue.isEmpty() ? new IOException("Broken pipe") : null);
  }

  private void lost(@Nullable IOException failure) {
    if (!flow.isLost()) {
      stop();
      poller.removeCloseHook(stop);
      flow.lost(failure);
    }
  }

  private void stop() {
    if (thread.isShutdown()) {
      return; // the loop was closed before
    }
    closing = true;
    queue.clear();
    thread.execute(this::closePipe);
    thread.shutdown();
  }

  // ---- in the thread

  private void writeAll(List<byte[]> batch) {
    long count = 0;
    IOException failure = null;
    try {
      for (byte[] bytes : batch) {
        pipe.write(bytes);
        count += bytes.length;
      }
      pipe.flush();
    } catch (IOException e) {
      failure = e;
    }
    long sent = count;
    IOException outcome = failure;
    try {
      loop.callSoonThreadsafe(() -> written(sent, outcome));
    } catch (IllegalStateException e) {
      // The loop is closed: nobody waits for it.
    }
  }

  private void closePipe() {
    try {
      pipe.close();
    } catch (IOException e) {
      // it flushes once more, to a subprocess that does not read
    }
  }

  // ---- the rest of StreamTransport

  @Override
  public void writeEof() {
    close(); // a pipe has no other half
  }

  @Override
  public boolean canWriteEof() {
    return true;
  }

  @Override
  public void close() {
    if (!closing) {
      closing = true;
      work();
    }
  }

  @Override
  public void abort() {
    lost(null);
  }

  @Override
  public boolean isClosing() {
    return closing;
  }

  @Override
  public WriteFlow flow() {
    return flow;
  }

  @Override
  public void startTls(TlsOptions tls) {
    throw new UnsupportedOperationException("a pipe of a subprocess cannot speak TLS");
  }

  @Override
  public void pauseReading() {}

  @Override
  public void resumeReading() {}

  @Override
  public @Nullable SocketAddress peername() {
    return null;
  }

  @Override
  public @Nullable SocketAddress sockname() {
    return null;
  }

  @Override
  public @Nullable SSLSession sslSession() {
    return null;
  }

  @Override
  public String toString() {
    return "pipe" + (flow.isLost() ? ", closed" : closing ? ", closing" : "");
  }
}
