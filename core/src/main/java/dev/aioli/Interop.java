package dev.aioli;

import java.lang.ref.WeakReference;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Carries outcomes between a loop's futures and those of {@code java.util.concurrent}. */
final class Interop {
  private Interop() {}

  /** What {@link EventLoop#asExecutor} gives. */
  static Executor executor(EventLoop loop) {
    return command -> {
      try {
        loop.callSoonThreadsafe(command);
      } catch (IllegalStateException e) {
        throw new RejectedExecutionException(e.getMessage(), e);
      }
    };
  }

  /** A future of the loop with the outcome of the stage; cancelling either cancels the other. */
  static <T extends @Nullable Object> Future<T> wrap(
      EventLoop loop, CompletionStage<? extends T> stage) {
    Future<T> future = loop.createFuture();
    stage.whenComplete(
        (value, thrown) -> loop.postUnlessClosed(() -> settle(future, value, thrown)));
    loop.outside().begin();
    future.addDoneCallback(done -> {
      loop.outside().end();
      if (done.cancelled()) {
        cancel(stage);
      }
    });
    return future;
  }

  private static <T extends @Nullable Object> void settle(
      Future<T> future, T value, @Nullable Throwable thrown) {
    if (future.done()) {
      return;
    }
    Throwable exception =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (exception == null) {
      future.setResult(value);
    } else if (exception instanceof CancellationException) {
      future.cancel(exception.getMessage());
    } else {
      future.setException(exception);
    }
  }

  private static void cancel(CompletionStage<?> stage) {
    try {
      stage.toCompletableFuture().cancel(true);
    } catch (UnsupportedOperationException e) {
      // a stage that only its owner may complete
    }
  }

  /** A CompletableFuture with the outcome of the future; cancelling either cancels the other. */
  static <T extends @Nullable Object> CompletableFuture<T> unwrap(Future<T> future) {
    Outside<T> outside = new Outside<>(future);
    if (!future.done()) {
      future.getLoop().waitingOutside().add(outside);
    }
    future.addDoneCallback(outside);
    return outside;
  }

  /** A future of the loop seen from outside. The future holds it; it does not hold the future. */
  private static final class Outside<T extends @Nullable Object> extends CompletableFuture<T>
      implements Consumer<Future<T>>, Future.EvenWhenClosed, WaitingOutside.Entry {
    private final EventLoop loop;
    private final WeakReference<Future<T>> future;

    Outside(Future<T> future) {
      this.loop = future.getLoop();
      this.future = new WeakReference<>(future);
    }

    @Override
    public void accept(Future<T> done) {
      loop.waitingOutside().remove(this);
      if (done.cancelled()) {
        super.cancel(false);
        return;
      }
      Throwable exception = done.exception();
      if (exception == null) {
        complete(done.result());
      } else {
        completeExceptionally(exception);
      }
    }

    /** Nobody will finish the future any more. */
    @Override
    public void loopCloses() {
      completeExceptionally(new CancellationException("the event loop was closed"));
    }

    @Override
    public boolean isOver() {
      if (future.refersTo(null) && !isDone()) {
        completeExceptionally(
            new CancellationException("its future of the loop is garbage: nobody can finish it"));
      }
      return isDone();
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean changed = super.cancel(mayInterruptIfRunning);
      if (changed) {
        loop.postUnlessClosed(this::cancelFuture);
      }
      return changed;
    }

    private void cancelFuture() {
      loop.waitingOutside().remove(this);
      Future<T> present = future.get();
      if (present != null) {
        present.cancel();
      }
    }
  }
}
