package dev.aioli.http.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** A program that opens connections, says so, and holds them until its input ends. */
final class IdleClients {
  private IdleClients() {}

  public static void main(String[] args) throws IOException {
    int port = Integer.parseInt(args[0]);
    int count = Integer.parseInt(args[1]);
    List<SocketChannel> channels = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      channels.add(
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    }
    System.out.println("opened " + channels.size());
    while (System.in.read() >= 0) {
      // until the end
    }
  }
}
