package dev.aioli;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Carries outcomes between a loop's futures and those of {@code java.util.concurrent}. */
final class Interop {
  private Interop() {}

  /** A future of the loop with the outcome of the stage; cancelling either cancels the other. */
  static <T extends @Nullable Object> Future<T> wrap(
      EventLoop loop, CompletionStage<? extends T> stage) {
    Future<T> future = loop.createFuture();
    stage.whenComplete(
        (value, thrown) -> loop.postUnlessClosed(() -> settle(future, value, thrown)));
    future.addDoneCallback(done -> {
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
      future.getLoop().waitingOutside().add(outside.loopCloses);
    }
    future.addDoneCallback(outside);
    return outside;
  }

  /** A future of the loop seen from outside. */
  private static final class Outside<T extends @Nullable Object> extends CompletableFuture<T>
      implements Consumer<Future<T>>, Future.EvenWhenClosed {
    private final Future<T> future;
    private final Runnable loopCloses = this::loopCloses;

    Outside(Future<T> future) {
      this.future = future;
    }

    @Override
    public void accept(Future<T> done) {
      done.getLoop().waitingOutside().remove(loopCloses);
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
    private void loopCloses() {
      completeExceptionally(new CancellationException("the event loop was closed"));
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean changed = super.cancel(mayInterruptIfRunning);
      if (changed) {
        future.getLoop().postUnlessClosed(future::cancel);
      }
      return changed;
    }
  }
}
