package dev.aioli.net;

import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.lowlevel.WaitQueue;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket for tasks: sends datagrams, and queues those that come. In the place of {@code
 * loop.create_datagram_endpoint} and its protocol.
 *
 * <pre>{@code
 * try (var endpoint = DatagramEndpoint.open(DatagramOptions.DEFAULT.withLocalAddr(address))) {
 *   Datagram question = endpoint.receive();
 *   endpoint.send(answer, question.sender());
 * }
 * }</pre>
 */
public final class DatagramEndpoint implements AutoCloseable {
  @SuppressWarnings("ArrayRecordComponent") // handed on, not compared
  private record Outgoing(
      byte[] data, @Nullable InetSocketAddress to, @Nullable Future<@Nullable Void> waiting) {}

  private final NettyPoller poller;
  private final EventLoop loop;
  private final DatagramOptions options;
  private final WriteFlow flow;
  private final WaitQueue receivers = new WaitQueue();

  /** Datagrams, and the errors between them. */
  private final ArrayDeque<Object> incoming = new ArrayDeque<>();

  private List<Outgoing> outgoing = new ArrayList<>();
  private @Nullable Channel channel;
  private @Nullable IOException sendFailure; // that of an endpoint without a peer: for drain()
  private boolean sendScheduled;
  private boolean paused;
  private boolean closing;

  private DatagramEndpoint(NettyPoller poller, DatagramOptions options) {
    this.poller = poller;
    this.options = options;
    loop = poller.loop();
    flow = new WriteFlow(loop);
  }

  /**
   * Opens a socket on the running loop.
   *
   * <p>Cancellation: it is closed.
   *
   * @throws IOException if the local address is not free
   */
  @Suspends
  public static DatagramEndpoint open(DatagramOptions options) throws IOException {
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    DatagramEndpoint endpoint = new DatagramEndpoint(poller, options);
    endpoint.open();
    return endpoint;
  }

  @Suspends
  private void open() throws IOException {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(poller.group())
            .channelFactory(poller.channels(poller.transport().datagramType()))
            .option(ChannelOption.SO_BROADCAST, options.allowBroadcast())
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(options.maxDatagramSize()))
            .disableResolver()
            .handler(new Handler());
    if (options.reusePort()) {
      bootstrap.option(poller.transport().reusePort(), true);
    }
    InetSocketAddress local = options.localAddr();
    InetSocketAddress remote = options.remoteAddr();
    if (remote == null) {
      InetSocketAddress bound = local == null ? new InetSocketAddress(0) : local;
      channel = new Opening(poller, () -> bootstrap.bind(bound)).await();
    } else {
      channel =
          new Opening(
                  poller,
                  () ->
                      local == null ? bootstrap.connect(remote) : bootstrap.connect(remote, local))
              .await();
    }
  }

  // ---- operations that wait

  /**
   * The next datagram, in the order of arrival. Does not suspend if there is one; receivers are
   * served first in, first out.
   *
   * <p>Cancellation: no datagram is lost.
   *
   * @throws java.net.PortUnreachableException if nobody listens at the peer's port, and the peer's
   *     system said so: to a connected endpoint only
   * @throws ClosedChannelException if the endpoint is closed and everything received
   */
  @Suspends
  public Datagram receive() throws IOException {
    loop.checkTurn();
    while (incoming.isEmpty()) {
      if (closing) {
        throw new ClosedChannelException();
      }
      receivers.await(
          loop,
          woken -> {
            if (woken) {
              wakeReceiver();
            }
          });
    }
    return take();
  }

  private Datagram take() throws IOException {
    Object next = incoming.remove();
    if (paused && incoming.size() <= options.receiveLimit() / 2) {
      paused = false;
      poller.post(() -> channel().config().setAutoRead(!paused));
    }
    if (next instanceof IOException failure) {
      throw failure;
    }
    return (Datagram) next;
  }

  /**
   * Sends a datagram to the peer that this is connected to, and waits until the system has it.
   *
   * <p>Cancellation: it is sent all the same.
   *
   * @throws IOException if the system refuses it: it is too long, say, or nobody listens there, of
   *     which the peer's system has told before
   * @throws ClosedChannelException if the endpoint is closed
   * @throws IllegalStateException if the endpoint is not connected
   */
  @Suspends
  public void sendto(byte[] data) throws IOException {
    checkConnected();
    awaitSent(data, null);
  }

  /**
   * As {@link #sendto(byte[])}, to an address. It is that datagram's errors that come out, and they
   * come out here only: {@link #receive} goes on.
   *
   * @throws IllegalArgumentException if the endpoint is connected, and to another one
   */
  @Suspends
  public void sendto(byte[] data, InetSocketAddress to) throws IOException {
    awaitSent(data, target(to));
  }

  @Suspends
  private void awaitSent(byte[] data, @Nullable InetSocketAddress to) throws IOException {
    loop.checkTurn();
    if (closing) {
      throw new ClosedChannelException();
    }
    Future<@Nullable Void> sent = loop.createFuture();
    enqueue(data, to, sent);
    Opening.await(sent);
  }

  /**
   * Waits while more bytes are unsent than 64 KiB, until they are no more than 16 KiB.
   *
   * @throws IOException if a {@link #send(byte[], InetSocketAddress) send} has failed since the
   *     last call, of an endpoint that is not connected
   * @throws java.net.SocketException if the endpoint is closed
   */
  @Suspends
  public void drain() throws IOException {
    loop.checkTurn();
    flow.drain();
    IOException failure = sendFailure;
    if (failure != null) {
      sendFailure = null;
      throw failure;
    }
  }

  /** Waits until the socket is closed. Does not close it. */
  @Suspends
  public void waitClosed() throws IOException {
    loop.checkTurn();
    flow.waitClosed();
  }

  // ---- operations that don't

  /**
   * The next datagram if there is one, else null.
   *
   * @throws IOException as {@link #receive}
   */
  public @Nullable Datagram receiveNowait() throws IOException {
    loop.checkTurn();
    return incoming.isEmpty() ? null : take();
  }

  /**
   * Sends a datagram to the peer that this is connected to. It is copied, and sent in the next
   * iteration of the loop. What goes wrong comes out of {@link #receive}; out of {@link #sendto},
   * if that is what sends.
   *
   * @param data at least one byte: Netty sends no empty datagrams
   * @throws IllegalStateException if the endpoint is not connected
   */
  public void send(byte[] data) {
    checkConnected();
    enqueue(data, null, null);
  }

  private void checkConnected() {
    if (options.remoteAddr() == null) {
      throw new IllegalStateException("expected an address to send to: " + this + " has no peer");
    }
  }

  /**
   * As {@link #send(byte[])}, to an address. What goes wrong is no matter of those who receive, if
   * the endpoint is not connected: one peer must not end the service for all. It comes out of the
   * next {@link #drain}.
   *
   * @throws IllegalArgumentException if the endpoint is connected, and to another one
   */
  public void send(byte[] data, InetSocketAddress to) {
    enqueue(data, target(to), null);
  }

  private @Nullable InetSocketAddress target(InetSocketAddress to) {
    Objects.requireNonNull(to, "to");
    InetSocketAddress peer = options.remoteAddr();
    if (peer != null && !peer.equals(to)) {
      throw new IllegalArgumentException("expected the address " + peer + ", found " + to);
    }
    return peer == null ? to : null;
  }

  private void enqueue(
      byte[] data, @Nullable InetSocketAddress to, @Nullable Future<@Nullable Void> waiting) {
    loop.checkTurn();
    if (data.length == 0) {
      throw new IllegalArgumentException(
          "expected a datagram of at least one byte, found an empty one: Netty sends none");
    }
    if (closing) {
      return; // as with streams: drain() tells
    }
    outgoing.add(new Outgoing(data.clone(), to, waiting));
    flow.added(data.length);
    schedule();
  }

  private void schedule() {
    if (!sendScheduled) {
      sendScheduled = true;
      poller.post(this::sendAll);
    }
  }

  /** On the loop's thread. */
  private void sendAll() {
    sendScheduled = false;
    List<Outgoing> batch = outgoing;
    outgoing = new ArrayList<>();
    Channel target = channel();
    for (Outgoing datagram : batch) {
      ByteBuf bytes = target.alloc().ioBuffer(datagram.data.length).writeBytes(datagram.data);
      Object message = datagram.to == null ? bytes : new DatagramPacket(bytes, datagram.to);
      target
          .write(message)
          .addListener(outcome -> {
            flow.sent(datagram.data.length);
            sent(datagram, outcome.cause());
          });
    }
    target.flush();
    if (closing) {
      target.close().addListener(ignored -> lost());
    }
  }

  /** Closes the socket after what was sent; what was received can still be taken. Idempotent. */
  @Override
  public void close() {
    loop.checkTurn();
    if (!closing) {
      closing = true;
      schedule();
      receivers.wakeAll();
    }
  }

  /** Whether it is closed or closing. */
  public boolean isClosing() {
    return closing;
  }

  /** Where it receives. */
  public @Nullable InetSocketAddress sockname() {
    return (InetSocketAddress) channel().localAddress();
  }

  /** The peer that it is connected to; null if it is not. */
  public @Nullable InetSocketAddress peername() {
    return options.remoteAddr();
  }

  private Channel channel() {
    return Objects.requireNonNull(channel);
  }

  private void wakeReceiver() {
    if (!incoming.isEmpty()) {
      receivers.wakeNext();
    }
  }

  // ---- on the loop's thread

  private void sent(Outgoing datagram, @Nullable Throwable cause) {
    Future<@Nullable Void> waiting = datagram.waiting;
    IOException failure = cause == null ? null : asIOException(cause);
    if (waiting == null) {
      sentUnawaited(failure);
    } else if (waiting.done()) {
      return; // cancelled
    } else if (failure == null) {
      waiting.setResult(null);
    } else {
      waiting.setException(failure);
    }
  }

  private void sentUnawaited(@Nullable IOException failure) {
    if (failure == null || closing) {
      return;
    }
    if (options.remoteAddr() != null) {
      arrived(failure);
    } else if (sendFailure == null) {
      sendFailure = failure;
    }
  }

  private void failed(Throwable cause) {
    if (!closing) {
      arrived(asIOException(cause));
    }
  }

  private static IOException asIOException(Throwable cause) {
    return cause instanceof IOException e ? e : new IOException(cause);
  }

  private void arrived(Object next) {
    incoming.add(next);
    wakeReceiver();
    if (!paused && incoming.size() >= options.receiveLimit() && channel != null) {
      paused = true;
      channel.config().setAutoRead(false);
    }
  }

  private final class Handler extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      channel = context.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      DatagramPacket packet = (DatagramPacket) message;
      try {
        if (!closing) {
          byte[] data = new byte[packet.content().readableBytes()];
          packet.content().readBytes(data);
          arrived(new Datagram(data, packet.sender()));
        }
      } finally {
        packet.release();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      failed(cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      lost();
    }
  }

  private void lost() {
    closing = true;
    flow.lost(null);
    receivers.wakeAll();
  }

  @Override
  public String toString() {
    return "DatagramEndpoint["
        + (channel == null ? "" : channel.localAddress())
        + (options.remoteAddr() == null ? "" : " -> " + options.remoteAddr())
        + (incoming.isEmpty() ? "" : ", " + incoming.size() + " received")
        + (closing ? ", closing" : "")
        + "]";
  }
}
