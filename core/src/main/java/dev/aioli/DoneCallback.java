package dev.aioli;

import java.util.function.Consumer;

/**
 * A function that is called with a future when that is done: one object from its registration to
 * the call.
 */
final class DoneCallback extends Handle {
  private final Future<?> future;
  private final Consumer<Object> function;

  @SuppressWarnings("unchecked") // it is only ever given this future
  DoneCallback(Future<?> future, Consumer<?> function, Context context) {
    super(future.getLoop(), context, function);
    this.future = future;
    this.function = (Consumer<Object>) function;
  }

  Consumer<Object> function() {
    return function;
  }

  @Override
  void call(Object body) {
    function.accept(future);
  }

  @Override
  boolean isDroppable() {
    return function instanceof Future.EvenWhenClosed;
  }

  @Override
  void drop() {
    if (isDroppable()) {
      run();
    }
    super.drop();
  }
}
