package dev.aioli;

import dev.aioli.lowlevel.Clock;
import dev.aioli.lowlevel.Poller;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settings of a new loop: see {@link EventLoop#builder}. */
public final class EventLoopBuilder {
  private @Nullable Engine engine;
  private Clock clock = Clock.SYSTEM;
  private @Nullable Poller poller;
  private boolean debug = EventLoop.DEBUG_BY_DEFAULT;

  EventLoopBuilder() {}

  /** The engine; the default is the fastest that the JVM permits. */
  public EventLoopBuilder engine(Engine engine) {
    this.engine = Objects.requireNonNull(engine, "engine");
    return this;
  }

  /** Where the loop gets its time; the default is {@link Clock#SYSTEM}. */
  public EventLoopBuilder clock(Clock clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
    return this;
  }

  /** Where the loop waits; the default parks the thread. The loop closes it. */
  public EventLoopBuilder poller(Poller poller) {
    this.poller = Objects.requireNonNull(poller, "poller");
    return this;
  }

  /** Debug mode: see {@link EventLoop#setDebug}. */
  public EventLoopBuilder debug(boolean debug) {
    this.debug = debug;
    return this;
  }

  /**
   * Makes the loop.
   *
   * @throws IllegalStateException if the engine cannot run in this JVM
   */
  public EventLoop build() {
    Engine chosen = engine == null ? Engine.byDefault() : engine;
    chosen.checkAvailable();
    return new EventLoop(chosen, clock, poller == null ? new ParkPoller() : poller, debug);
  }
}
