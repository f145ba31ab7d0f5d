package dev.aioli.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ReflectiveChannelFactory;

/**
 * Makes channels, that is, sockets. What a loop has so many of that one day the system refuses one;
 * a test refuses earlier.
 */
interface ChannelMaker {
  /** Has Netty make them. */
  ChannelMaker NETTY =
      new ChannelMaker() {
        @Override
        public <C extends Channel> ChannelFactory<C> factory(Class<? extends C> type) {
          if (type == NioUnixServerChannel.class) {
            return () -> type.cast(new NioUnixServerChannel()); // Netty sees public classes only
          }
          return new ReflectiveChannelFactory<>(type);
        }
      };

  /** What a bootstrap of Netty takes to make channels of a type. */
  <C extends Channel> ChannelFactory<C> factory(Class<? extends C> type);
}
