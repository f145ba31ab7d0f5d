package dev.aioli;

import dev.aioli.lowlevel.Clock;
import dev.aioli.lowlevel.Poller;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settings of a new loop: see {@link EventLoop#builder}. */
public final class EventLoopBuilder {
  private @Nullable Engine engine;
  private Clock clock = Clock.SYSTEM;
  private @Nullable Poller poller;
  private boolean debug = EventLoop.DEBUG_BY_DEFAULT;
  private long blockedLoopNanos = Watchdog.DEFAULT;

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
   * How long a task or callback may hold the turn before a warning tells so; null or zero for no
   * warnings. See {@link EventLoop#setBlockedLoopDuration}.
   */
  public EventLoopBuilder blockedLoopDuration(@Nullable Duration duration) {
    blockedLoopNanos = Watchdog.toNanos(duration);
    return this;
  }

  /**
   * Makes the loop.
   *
   * @throws IllegalStateException if the engine cannot run in this JVM, or a system property of
   *     Aioli has a value that it cannot have
   */
  public EventLoop build() {
    Engine chosen = engine == null ? Engine.byDefault() : engine;
    chosen.checkAvailable();
    long blockedLoop =
        blockedLoopNanos == Watchdog.DEFAULT ? Watchdog.byProperty() : blockedLoopNanos;
    return new EventLoop(
        chosen, clock, poller == null ? new ParkPoller() : poller, debug, blockedLoop);
  }
}
