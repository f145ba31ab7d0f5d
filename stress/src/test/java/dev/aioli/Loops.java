package dev.aioli;

/** Event loops that an actor of a stress test runs on its own thread. */
final class Loops {
  /** For handles that never run. */
  private static final EventLoop IDLE = newLoop();

  private static final Context IDLE_CONTEXT = new Context();

  private Loops() {}

  /** Of the engine that runs on a platform thread, as an actor's is. */
  static EventLoop newLoop() {
    return EventLoop.builder().engine(Engine.LOOP_SCHEDULED).debug(false).build();
  }

  /** Runs some iterations; none of them waits. */
  static void iterate(EventLoop loop, int count) {
    for (int i = 0; i < count; i++) {
      loop.stop();
      loop.runForever();
    }
  }

  static Handle idleHandle() {
    return new Handle(IDLE, () -> {}, IDLE_CONTEXT);
  }
}
