package dev.aioli.net;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.AbstractNioMessageChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A unix-domain socket that listens, by the JDK's selectors. In the place of Netty's own, which is
 * final and removes whatever is at its path when it closes; see {@link SocketFile}.
 */
final class NioUnixServerChannel extends AbstractNioMessageChannel implements ServerChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  private final Config config = new Config(this);
  private volatile boolean bound;

  /** From {@link ChannelMaker}. */
  NioUnixServerChannel() {
    super(null, open(), SelectionKey.OP_ACCEPT);
  }

  private static ServerSocketChannel open() {
    try {
      return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      throw new ChannelException("Failed to open a socket.", e);
    }
  }

  @Override
  protected ServerSocketChannel javaChannel() {
    return (ServerSocketChannel) super.javaChannel();
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  public boolean isActive() {
    return isOpen() && bound;
  }

  @Override
  protected void doBind(SocketAddress address) throws Exception {
    javaChannel().bind(address, config.backlog);
    bound = true;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    SocketChannel client = javaChannel().accept();
    if (client == null) {
      return 0;
    }
    accepted.add(new NioDomainSocketChannel(this, client));
    return 1;
  }

  @Override
  protected void doClose() throws Exception {
    javaChannel().close();
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    try {
      return javaChannel().getLocalAddress();
    } catch (ClosedChannelException e) {
      return null;
    } catch (IOException e) {
      throw new ChannelException(e);
    }
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return null;
  }

  // ---- what only a connection can do

  @Override
  protected boolean doWriteMessage(Object message, ChannelOutboundBuffer buffer) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected boolean doConnect(SocketAddress remote, @Nullable SocketAddress local) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void doFinishConnect() {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void doDisconnect() {
    throw new UnsupportedOperationException();
  }

  /** What a bootstrap sets: the backlog, too. */
  private static final class Config extends DefaultChannelConfig {
    private int backlog;

    Config(NioUnixServerChannel channel) {
      super(channel);
    }

    @Override
    public <T> boolean setOption(ChannelOption<T> option, T value) {
      if (ChannelOption.SO_BACKLOG.equals(option)) {
        backlog = (Integer) value;
        return true;
      }
      return super.setOption(option, value);
    }
  }
}
