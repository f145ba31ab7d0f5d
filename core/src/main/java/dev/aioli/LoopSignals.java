package dev.aioli;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The callbacks of a loop for signals of the process. In the turn, or while it does not run. */
final class LoopSignals {
  private static final String PREFIX = "SIG";

  private final EventLoop loop;
  private final Map<String, SignalHandling> handlings = new HashMap<>();

  LoopSignals(EventLoop loop) {
    this.loop = loop;
  }

  void add(String signal, Runnable callback) {
    Objects.requireNonNull(callback, "callback");
    String name = withoutPrefix(signal);
    loop.checkClosed();
    loop.checkTurn();
    Context context = Context.copyContext();
    SignalHandling added;
    try {
      added =
          SignalHandling.of(
              name,
              "Aioli's handler of " + PREFIX + name,
              by -> loop.postUnlessClosed(() -> context.run(callback)));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "signals cannot be handled: expected sun.misc.Signal, found no module jdk.unsupported;"
              + " start java with --add-modules jdk.unsupported, or make the run-time image with it",
          e);
    }
    SignalHandling before = handlings.put(name, added);
    if (before != null) { // now that the new one is there: no signal falls in between
      before.giveBack();
    }
  }

  boolean remove(String signal) {
    String name = withoutPrefix(signal);
    loop.checkTurn();
    SignalHandling handling = handlings.remove(name);
    if (handling != null) {
      handling.giveBack();
    }
    return handling != null;
  }

  /** The loop is closed: gives all of them back. */
  void close() {
    handlings.values().forEach(SignalHandling::giveBack);
    handlings.clear();
  }

  private static String withoutPrefix(String signal) {
    return signal.startsWith(PREFIX) ? signal.substring(PREFIX.length()) : signal;
  }
}
