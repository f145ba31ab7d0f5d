package dev.aioli;

import java.util.Arrays;

/** The loops that run in this JVM: where a thread finds the one whose turn it has. Usually one. */
final class RunningLoops {
  private static volatile EventLoop[] all = {};

  private RunningLoops() {}

  /** Not to be changed. */
  static EventLoop[] all() {
    return all;
  }

  static synchronized void add(EventLoop loop) {
    EventLoop[] more = Arrays.copyOf(all, all.length + 1);
    more[all.length] = loop;
    all = more;
  }

  static synchronized void remove(EventLoop loop) {
    all = Arrays.stream(all).filter(other -> other != loop).toArray(EventLoop[]::new);
  }
}
