package dev.aioli.soak;

import dev.aioli.sync.Event;

/** Lets loads take their steps, and has all of them wait while a sample is taken. */
final class Gate {
  private final Event open = new Event();
  private final Event empty = new Event();
  private int inside;

  Gate() {
    open.set();
    empty.set();
  }

  /** Waits while the gate is closed. */
  void enter() {
    while (!open.isSet()) {
      open.await();
    }
    inside++;
    empty.clear();
  }

  void leave() {
    if (--inside == 0) {
      empty.set();
    }
  }

  void close() {
    open.clear();
  }

  /** Waits until nobody is inside. */
  void awaitEmpty() {
    empty.await();
  }

  void open() {
    open.set();
  }
}
