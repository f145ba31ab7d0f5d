package dev.aioli.net;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that go out to a connection, or to a subprocess. As {@code asyncio.StreamWriter}.
 *
 * <pre>{@code
 * writer.write(bytes);
 * writer.drain(); // waits while the peer is too slow
 * }</pre>
 *
 * <p>A write takes the bytes and returns; they are sent in the next iteration of the loop, all that
 * were written in one turn together. So many small writes are cheap, and without {@link #drain} a
 * slow peer lets the memory fill.
 *
 * <p>Any number of tasks may write and drain; bytes are sent in the order in which they were
 * written. Closed by {@link #close}, which does not wait; {@link #waitClosed} does.
 */
public final class StreamWriter implements AutoCloseable {
  private final EventLoop loop;
  private final StreamTransport transport;
  private final @Nullable StreamReader reader;

  StreamWriter(EventLoop loop, StreamTransport transport, @Nullable StreamReader reader) {
    this.loop = loop;
    this.transport = transport;
    this.reader = reader;
  }

  // ---- operations that wait

  /**
   * Waits while more bytes are unsent than the high-water mark, until they are no more than the
   * low-water mark. Does not suspend below it, but for one iteration if the stream is closing.
   *
   * <p>Cancellation: the bytes are sent all the same.
   *
   * @throws IOException if the connection is lost
   */
  @Suspends
  public void drain() throws IOException {
    loop.checkTurn();
    IOException lostBy = reader == null ? null : reader.exception();
    if (lostBy != null) {
      throw lostBy;
    }
    if (transport.isClosing()) {
      // Lets the loss arrive: who writes and drains in a loop would never see it.
      Asyncio.sleep(Duration.ZERO);
    }
    transport.flow().drain();
  }

  /**
   * Waits until the connection is closed; does not suspend if it is. Does not close it.
   *
   * @throws IOException if it was lost by an error
   */
  @Suspends
  public void waitClosed() throws IOException {
    loop.checkTurn();
    transport.flow().waitClosed();
  }

  /**
   * Goes on in TLS: sends what was written, then shakes hands. A connection that was accepted plays
   * the server.
   *
   * <p>What the reader has by then and nobody has read goes to TLS. So a peer may begin its
   * handshake before it is asked to, and what it, or somebody between, has sent in clear text
   * breaks the handshake: it cannot pass for something that came by TLS. As asyncio since CPython
   * 3.14; there for servers only.
   *
   * <p>Cancellation: the connection is closed.
   *
   * @throws javax.net.ssl.SSLException if the handshake fails; the connection is closed then
   * @throws IllegalStateException if it is TLS already
   * @throws UnsupportedOperationException if this leads to a subprocess
   */
  @Suspends
  public void startTls(TlsOptions tls) throws IOException {
    Objects.requireNonNull(tls, "tls");
    drain();
    transport.startTls(tls);
  }

  // ---- operations that don't

  /**
   * Sends bytes. They are copied. Once the stream is closing they are dropped, and {@link #drain}
   * tells.
   *
   * @throws IllegalStateException after {@link #writeEof}
   */
  public void write(byte[] bytes) {
    write(bytes, 0, bytes.length);
  }

  /** As {@link #write(byte[])}, a part of an array. */
  public void write(byte[] bytes, int offset, int count) {
    Objects.checkFromIndexSize(offset, count, bytes.length);
    loop.checkTurn();
    byte[] copy = new byte[count];
    System.arraycopy(bytes, offset, copy, 0, count);
    transport.write(copy);
  }

  /** As {@link #write(byte[])}, several arrays, one after the other. */
  public void writelines(Iterable<byte[]> lines) {
    lines.forEach(this::write);
  }

  /**
   * Closes the outgoing half when all is sent: the peer reads an end. The incoming half stays open.
   *
   * @throws UnsupportedOperationException if {@link #canWriteEof} is false
   */
  public void writeEof() {
    loop.checkTurn();
    if (!canWriteEof()) {
      throw new UnsupportedOperationException("TLS has no half-closed connections; use close()");
    }
    transport.writeEof();
  }

  /** Whether the outgoing half can be closed alone: not with TLS. */
  public boolean canWriteEof() {
    return transport.canWriteEof();
  }

  /**
   * Closes the connection when all bytes are sent; nothing more is read. Idempotent; does nothing
   * once the loop is closed, since then the connection is, too.
   */
  @Override
  public void close() {
    loop.checkTurn();
    transport.close();
  }

  /** Closes the connection now: what is not sent is lost. As {@code transport.abort()}. */
  public void abort() {
    loop.checkTurn();
    transport.abort();
  }

  /** Whether it is closed or closing. */
  public boolean isClosing() {
    return transport.isClosing();
  }

  /**
   * Sets the marks between which {@link #drain} works, in bytes. 64 KiB and 16 KiB unless set. As
   * {@code transport.set_write_buffer_limits(high, low)}.
   *
   * @throws IllegalArgumentException unless {@code high >= low >= 0}
   */
  public void setWriteBufferLimits(int high, int low) {
    loop.checkTurn();
    transport.flow().setLimits(high, low);
  }

  /** As {@link #setWriteBufferLimits(int, int)}, with a low-water mark of a quarter. */
  public void setWriteBufferLimits(int high) {
    setWriteBufferLimits(high, high / 4);
  }

  /** How many bytes are written and not sent. As {@code transport.get_write_buffer_size()}. */
  public long getWriteBufferSize() {
    return transport.flow().buffered();
  }

  // ---- what asyncio has get_extra_info for

  /** The address of the other side; null if there is none. */
  public @Nullable SocketAddress peername() {
    return transport.peername();
  }

  /** The address of this side; null if there is none. */
  public @Nullable SocketAddress sockname() {
    return transport.sockname();
  }

  /** The session of TLS: cipher, protocol, the peer's certificates. Null without TLS. */
  public @Nullable SSLSession sslSession() {
    return transport.sslSession();
  }

  @Override
  public String toString() {
    return "StreamWriter[" + transport + "]";
  }
}
