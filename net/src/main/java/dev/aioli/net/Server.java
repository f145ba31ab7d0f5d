package dev.aioli.net;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.Task;
import dev.aioli.lowlevel.WaitQueue;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Listening sockets, and the connections that came in by them. As {@code asyncio.Server}.
 *
 * <pre>{@code
 * try (var server = Streams.startServer(this::serve, "127.0.0.1", 8080)) {
 *   server.serveForever();
 * }
 * }</pre>
 *
 * <p>Made by {@link Streams}. Used in the loop's turn only.
 */
public final class Server implements AutoCloseable {
  private final NettyPoller poller;
  private final EventLoop loop;
  private final ClientConnected handler;
  private final Set<ChannelTransport> clients = new LinkedHashSet<>();
  private final WaitQueue closeWaiters = new WaitQueue();
  private List<Channel> listening = List.of();
  private @Nullable SocketFile socketFile;
  private boolean serving;
  private boolean closed;
  private @Nullable Future<@Nullable Void> servingForever;

  Server(NettyPoller poller, ClientConnected handler) {
    this.poller = poller;
    this.handler = handler;
    loop = poller.loop();
  }

  /**
   * It listens.
   *
   * @param file that of a unix-domain socket
   */
  void setListening(List<Channel> channels, @Nullable SocketFile file, boolean startServing) {
    listening = List.copyOf(channels);
    socketFile = file;
    serving = startServing;
  }

  // ---- operations that wait

  /** Begins to accept connections; does nothing if it does. Suspends for one iteration. */
  @Suspends
  public void startServing() {
    loop.checkTurn();
    beginServing();
    Asyncio.sleep(Duration.ZERO);
  }

  private void beginServing() {
    if (closed) {
      throw new IllegalStateException(this + " is closed; start a new one");
    }
    if (!serving) {
      serving = true;
      poller.post(() -> {
        if (serving) {
          listening.forEach(channel -> channel.config().setAutoRead(true));
        }
      });
    }
  }

  /**
   * Accepts connections until the calling task is cancelled, or {@link #close} called.
   *
   * <p>Cancellation: closes the server, then waits until its connections are closed, as {@link
   * #waitClosed}.
   *
   * @throws CancelledError in the end, always
   * @throws IllegalStateException if it is closed, or another task is in this method
   */
  @Suspends
  public void serveForever() {
    loop.checkTurn();
    if (servingForever != null) {
      throw new IllegalStateException(
          this + " is already being awaited on serveForever(), by another task");
    }
    beginServing();
    Future<@Nullable Void> end = loop.createFuture();
    servingForever = end;
    try {
      end.await();
    } catch (CancelledError e) {
      try {
        close();
        waitClosed();
      } catch (CancelledError again) {
        e.addSuppressed(again);
      }
      throw e;
    } finally {
      servingForever = null;
    }
  }

  /**
   * Waits until the server is closed and so are all its connections: for ever, if a peer stays. See
   * {@link #closeClients}.
   */
  @Suspends
  public void waitClosed() {
    loop.checkTurn();
    if (!isDone()) {
      closeWaiters.await(loop, woken -> {});
    }
  }

  // ---- operations that don't

  /**
   * Stops to listen, and removes the file of a unix-domain socket. Connections live on; waiting for
   * their end is {@link #waitClosed}. Ends {@link #serveForever}. Idempotent.
   */
  @Override
  public void close() {
    loop.checkTurn();
    if (closed) {
      return;
    }
    closed = true;
    serving = false;
    if (socketFile != null) {
      socketFile.remove(loop);
    }
    listening.forEach(poller::close);
    if (servingForever != null) {
      servingForever.cancel();
    }
    wakeIfDone();
  }

  /** Closes every connection when what was written to it is sent. */
  public void closeClients() {
    loop.checkTurn();
    List.copyOf(clients).forEach(ChannelTransport::close);
  }

  /** Closes every connection now; what is not sent is lost. */
  public void abortClients() {
    loop.checkTurn();
    List.copyOf(clients).forEach(ChannelTransport::abort);
  }

  /** Whether it accepts connections. */
  public boolean isServing() {
    return serving;
  }

  /** The addresses on which it listens; none once it is closed. */
  public List<SocketAddress> sockets() {
    loop.checkTurn();
    return closed
        ? List.of()
        : listening.stream()
            .map(Channel::localAddress)
            .map(Addresses::ofJdk)
            .map(SocketAddress.class::cast)
            .toList();
  }

  /**
   * The port of the first socket: which one the system chose, if it was asked for port 0.
   *
   * @throws IllegalStateException if it is closed, or listens on a unix-domain socket
   */
  public int port() {
    List<SocketAddress> sockets = sockets();
    if (!sockets.isEmpty() && sockets.getFirst() instanceof InetSocketAddress address) {
      return address.getPort();
    }
    throw new IllegalStateException(this + " has no port");
  }

  /** The loop that it belongs to. */
  public EventLoop getLoop() {
    return loop;
  }

  // ---- connections, on the loop's thread

  /** What the pipeline of a new connection tells. */
  ChannelTransport.Listener listener() {
    return new ChannelTransport.Listener() {
      @Override
      public void connected(ChannelTransport transport) {
        serve(transport);
      }

      @Override
      public void lost(ChannelTransport transport) {
        clients.remove(transport);
        wakeIfDone();
      }
    };
  }

  /** Whether a connection that has just come in is wanted. */
  boolean attach(ChannelTransport transport) {
    return !closed && clients.add(transport);
  }

  private void serve(ChannelTransport transport) {
    if (loop.isClosed()) {
      return;
    }
    Task<@Nullable Void> task =
        loop.createTask(() -> handler.serve(transport.reader(), transport.writer()));
    task.addDoneCallback(done -> served(transport, done));
  }

  private void served(ChannelTransport transport, Future<?> task) {
    if (task.cancelled()) {
      transport.close();
      return;
    }
    Throwable error = task.exception();
    if (error != null) {
      StreamErrors.report(
          loop, "Unhandled exception in the handler of connection " + transport, error, null);
      transport.close();
    }
  }

  private boolean isDone() {
    return closed && clients.isEmpty();
  }

  private void wakeIfDone() {
    if (isDone()) {
      closeWaiters.wakeAll();
    }
  }

  @Override
  public String toString() {
    return "Server["
        + (closed ? "closed" : listening.stream().map(Channel::localAddress).toList())
        + (clients.isEmpty() ? "" : ", clients=" + clients.size())
        + "]";
  }
}
