package dev.aioli.conformance;

import dev.aioli.CancelledError;
import dev.aioli.ExceptionGroup;
import dev.aioli.Future;
import dev.aioli.InvalidStateException;
import dev.aioli.TimeoutException;
import dev.aioli.queue.QueueEmptyException;
import dev.aioli.queue.QueueFullException;
import dev.aioli.queue.QueueShutDownException;
import dev.aioli.sync.BrokenBarrierException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values, errors and outcomes as traces show them: SPEC.md, section 4. */
final class Rendering {
  private Rendering() {}

  /** Python's word for the kind of an error. */
  static String kind(Throwable error) {
    return switch (error) {
      case CancelledError e -> {
        String message = e.getMessage();
        yield message == null || message.isEmpty()
            ? "Cancelled"
            : "Cancelled(" + Json.quote(message) + ")";
      }
      case Boom e -> "Boom(" + e.number() + ")";
      case ExceptionGroup e ->
          e.exceptions().stream()
              .map(Rendering::kind)
              .collect(Collectors.joining(",", "ExceptionGroup[", "]"));
      case TimeoutException e -> "Timeout";
      case QueueFullException e -> "QueueFull";
      case QueueEmptyException e -> "QueueEmpty";
      case QueueShutDownException e -> "QueueShutDown";
      case InvalidStateException e -> "InvalidState";
      case BrokenBarrierException e -> "BrokenBarrier";
      case IllegalStateException e -> "RuntimeError";
      case IllegalArgumentException e -> "ValueError";
      default -> "Other(" + error.getClass().getSimpleName() + ": " + error.getMessage() + ")";
    };
  }

  static String value(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case String text -> Json.quote(text);
      case List<?> list ->
          list.stream().map(Rendering::value).collect(Collectors.joining(",", "[", "]"));
      case Throwable error -> "!" + kind(error);
      case Boolean _, Integer _, Long _ -> value.toString();
      default -> "Other(" + value.getClass().getSimpleName() + ")";
    };
  }

  /** The outcome of something that gave a value. */
  static String good(@Nullable Object value) {
    return value == null ? "ok" : "ok:" + value(value);
  }

  static String state(Future<?> future) {
    if (!future.done()) {
      return "pending";
    }
    if (future.cancelled()) {
      return "cancelled";
    }
    Throwable error = future.exception();
    return error == null ? good(future.result()) : "!" + kind(error);
  }
}
