package dev.aioli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The values of thread-locals that are carried along with a {@link Context}. */
final class CarriedValues {
  static final CarriedValues NONE = new CarriedValues(List.of());
  private static final List<ThreadLocalBridge<?>> BRIDGES = new CopyOnWriteArrayList<>();

  private final List<Carried<?>> values;

  private record Carried<T>(ThreadLocalBridge<T> bridge, T value) {
    static <T> Carried<T> capture(ThreadLocalBridge<T> bridge) {
      return new Carried<>(bridge, bridge.capture());
    }

    void restore() {
      bridge.restore(value);
    }
  }

  private CarriedValues(List<Carried<?>> values) {
    this.values = values;
  }

  static Context.Registration register(ThreadLocalBridge<?> bridge) {
    BRIDGES.add(bridge);
    return () -> BRIDGES.remove(bridge);
  }

  /** The calling thread's values now. */
  static CarriedValues capture() {
    if (BRIDGES.isEmpty()) {
      return NONE;
    }
    List<Carried<?>> values = new ArrayList<>();
    for (ThreadLocalBridge<?> bridge : BRIDGES) {
      values.add(Carried.capture(bridge));
    }
    return new CarriedValues(values);
  }

  /** Makes these the calling thread's values and returns the previous ones. */
  CarriedValues enter() {
    if (values.isEmpty()) {
      return NONE;
    }
    CarriedValues previous = capture();
    restore();
    return previous;
  }

  /** Makes these the calling thread's values. */
  void restore() {
    values.forEach(Carried::restore);
  }
}
