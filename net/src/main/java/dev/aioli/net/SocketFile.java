package dev.aioli.net;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.aioli.EventLoop;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The file of a unix-domain socket that listens, for the server that has made it. It goes with the
 * server, but only if it is still that server's: another one may have taken the path over, as at a
 * restart without a gap. As asyncio since CPython 3.13, by the number of the file.
 */
final class SocketFile {
  private final Path path;
  private final SocketAddress address;

  /** What tells this file from another at the same path; null before it is there, and after. */
  private @Nullable Object key;

  SocketFile(Path path, IoTransport transport) {
    this.path = path;
    address = transport == IoTransport.NIO ? UnixDomainSocketAddress.of(path) : new Native(path);
  }

  /** What a channel of the transport binds to. */
  SocketAddress address() {
    return address;
  }

  /** It is there: a channel was bound to it just now. */
  void bound() {
    if (address instanceof Native known) {
      known.bound = true;
    }
    try {
      key = currentKey();
    } catch (IOException e) {
      key = null; // somebody was quick, and it is his
    }
  }

  /**
   * Removes it unless it is gone, or another's. While the socket is open, so none has its number.
   */
  void remove(EventLoop loop) {
    Object ours = key;
    key = null;
    try {
      if (ours != null && ours.equals(currentKey())) {
        Files.delete(path);
      }
    } catch (NoSuchFileException e) {
      // somebody was so kind
    } catch (IOException e) {
      StreamErrors.report(loop, "cannot remove the unix socket " + path, e, null);
    }
  }

  private Object currentKey() throws IOException {
    BasicFileAttributes found =
        Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
    // Windows has no key; the time of its making is what there is.
    return Objects.requireNonNullElse(found.fileKey(), found.creationTime());
  }

  /** The address as epoll and kqueue have it, whose channels remove what is at its path. */
  static final class Native extends DomainSocketAddress {
    private final Path file;
    private boolean bound;

    Native(Path file) {
      super(file.toString());
      this.file = file;
    }

    Path file() {
      return file;
    }

    /** Once it is bound, no path: a channel that closes finds nothing to remove. */
    @Override
    public String path() {
      return bound ? "" : super.path();
    }

    @Override
    public String toString() {
      return file.toString();
    }
  }
}
