package dev.aioli.process;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The connection between a pool and one worker process, as frames. One thread at either end. */
final class Frames implements Closeable {
  /*
   *   pool's process                                            worker process
   *   +----------------------------+                            +--------------------------+
   *   | any thread                 |                            |                          |
   *   |   submit: job -> bytes     |                            |                          |
   *   |        |                   |   unix socket (Frames)     |                          |
   *   |   waiting jobs, FIFO       |   INIT  initializer ---->  | main thread              |
   *   |        |                   |   <---------------- READY  |   runs the initializer,  |
   *   | thread of this worker -----+-> JOB   job bytes ------>  |   then one job after     |
   *   |   one job after the other  |   <-------------- STARTED  |   the other              |
   *   |        ^                   |   <- RESULT or FAILURE --  |                          |
   *   |   completes the future     |                            |                          |
   *   |                            |   second connection, on    |                          |
   *   |                            |   which nothing is sent    |                          |
   *   | (held open until the end) -+------------------------->  | lifeline thread: at its  |
   *   |                            |                            |   end it exits           |
   *   | pump threads: forward,     |   stdout, stderr           |                          |
   *   |   keep the tail of stderr  |<---------------------------+- System.out, System.err  |
   *   +----------------------------+                            +--------------------------+
   *
   * A frame is one byte for its kind, four for the length of the payload (big-endian), then the
   * payload: an object as Java serialization writes it, or nothing. The two sides take turns, so
   * neither can block the other by not reading. The end of the socket, from either side, is the
   * end of the worker.
   *
   * STARTED says that the whole job has arrived. A worker that dies before has not begun to run
   * it, so the job goes to another one; a worker that dies afterwards fails it.
   *
   * The lifeline is no use of standard input, since the programs that a job starts inherit that:
   * they would wait for input that never comes. It is no use of the first connection either, since
   * nobody reads from that while a job runs, and the end of the pool's process ends a job as well.
   *
   * A socket and not a pair of pipes, since the worker's own output, and that of native code in
   * it, has to go somewhere else than into the protocol. It costs about 10 us a round trip more
   * than pipes and moves large objects twice as fast (docs/guide/processes.md).
   */

  /** What a frame is. Sent as its ordinal. */
  enum Kind {
    INIT,
    READY,
    JOB,
    STARTED,
    RESULT,
    FAILURE;

    private static final Kind[] ALL = values();
  }

  /** A frame that was received. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Frame(Kind kind, byte[] payload) {}

  private static final int HEADER = 5;
  private static final int BUFFER = 64 * 1024;

  private final SocketChannel channel;
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER).flip();

  Frames(SocketChannel channel) {
    this.channel = channel;
  }

  /** Sends a frame without a payload. */
  void send(Kind kind) throws IOException {
    send(kind, Payload.EMPTY);
  }

  /** Sends a frame; waits while the other side does not read. */
  @SuppressWarnings("EnumOrdinal") // both ends are the same code
  void send(Kind kind, Payload payload) throws IOException {
    out.clear();
    out.put((byte) kind.ordinal()).putInt(payload.length());
    int sent = 0;
    do {
      int count = Math.min(out.remaining(), payload.length() - sent);
      out.put(payload.bytes(), sent, count);
      sent += count;
      out.flip();
      while (out.hasRemaining()) {
        channel.write(out);
      }
      out.clear();
    } while (sent < payload.length());
  }

  /**
   * Waits for the next frame.
   *
   * @throws EOFException if the other side has closed the connection
   */
  Frame receive() throws IOException {
    fill(HEADER);
    int ordinal = in.get();
    int length = in.getInt();
    if (ordinal < 0 || ordinal >= Kind.ALL.length || length < 0) {
      throw new IOException("not a frame: kind " + ordinal + ", length " + length);
    }
    byte[] payload = new byte[length];
    int received = 0;
    while (received < length) {
      fill(1);
      int count = Math.min(in.remaining(), length - received);
      in.get(payload, received, count);
      received += count;
    }
    return new Frame(Kind.ALL[ordinal], payload);
  }

  /** Waits until so many bytes are in the buffer. */
  private void fill(int wanted) throws IOException {
    if (in.remaining() >= wanted) {
      return;
    }
    in.compact();
    while (in.position() < wanted) {
      if (channel.read(in) < 0) {
        throw new EOFException("the connection is closed");
      }
    }
    in.flip();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Closed all the same.
    }
  }
}
