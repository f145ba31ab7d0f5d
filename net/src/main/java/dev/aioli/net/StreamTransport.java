package dev.aioli.net;

import java.io.IOException;
import java.net.SocketAddress;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What carries the bytes of a reader and a writer: a channel of Netty or the pipe of a subprocess.
 * Called in the loop's turn, from tasks, so it never does I/O itself.
 */
interface StreamTransport extends Pausable {
  /** Sends bytes, which now belong to the transport. Drops them once it is closing. */
  void write(byte[] bytes);

  /** Ends the outgoing half when all bytes are sent. */
  void writeEof();

  boolean canWriteEof();

  /** Closes when all bytes are sent. */
  void close();

  /** Closes now. */
  void abort();

  boolean isClosing();

  /** The counts and the waiters of the writing side. */
  WriteFlow flow();

  /** Puts TLS on top. Suspends until the handshake is over. */
  void startTls(TlsOptions tls) throws IOException;

  @Nullable SocketAddress peername();

  @Nullable SocketAddress sockname();

  @Nullable SSLSession sslSession();
}
