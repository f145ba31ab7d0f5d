/** Netty under the event loop: sockets whose readiness the loop's own thread waits for. */
module dev.aioli.net {
  requires transitive dev.aioli;
  requires transitive io.netty.buffer;
  requires transitive io.netty.handler;
  requires transitive io.netty.transport;
  requires io.netty.codec;
  requires io.netty.common;
  requires io.netty.transport.classes.epoll;
  requires io.netty.transport.classes.kqueue;
  requires io.netty.transport.unix.common;
  requires static org.jspecify;

  exports dev.aioli.net;
}
