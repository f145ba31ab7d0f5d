package dev.aioli;

/**
 * Receives the errors that nobody else can receive: of callbacks, of dropped futures, of tasks at
 * the end of a run. See {@link EventLoop#setExceptionHandler}.
 */
@FunctionalInterface
public interface ExceptionHandler {
  /**
   * Handles an error, in the loop's turn. What it throws is logged and goes no further.
   *
   * @param loop the loop in which it happened
   * @param context what happened
   */
  void handle(EventLoop loop, ExceptionContext context);
}
