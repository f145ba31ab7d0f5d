package dev.aioli.examples;

import java.util.List;
import java.util.Optional;

/** The programs of this package. */
public final class Examples {
  private static final List<Example> ALL =
      List.of(
          new Example(
              "semaphore", "twelve requests, at most six in flight", SemaphoreExample::main),
          new Example("lock", "two tasks queue for a lock", LockExample::main),
          new Example("condition", "producers signal one consumer, or all", ConditionExample::main),
          new Example("event", "tasks wait for an event of the loop", EventExample::main),
          new Example(
              "priority-queue",
              "a producer, three consumers, two permits",
              PriorityQueueExample::main),
          new Example("crawler", "two sites, the most urgent pages first", CrawlerExample::main),
          new Example("executor", "blocking code beside the loop", ExecutorExample::main),
          new Example(
              "loop-in-thread",
              "a loop in another thread, used from outside",
              LoopInThreadExample::main),
          new Example("echo", "a server and its client, by streams", EchoExample::main),
          new Example("subprocesses", "thirty programs, ten at a time", SubprocessesExample::main),
          new Example("chat", "a chat over WebSockets and three clients", ChatExample::main),
          new Example(
              "reverse-proxy",
              "a server that streams from another one",
              ReverseProxyExample::main));

  private Examples() {}

  /** All programs, in the order in which to read them. */
  public static List<Example> all() {
    return ALL;
  }

  /** The program of that name, if there is one. */
  public static Optional<Example> find(String name) {
    return ALL.stream().filter(example -> example.name().equals(name)).findFirst();
  }
}
