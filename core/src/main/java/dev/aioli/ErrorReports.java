package dev.aioli;

import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Where a loop's errors go that nobody else can receive. */
final class ErrorReports {
  private static final System.Logger LOG = System.getLogger("dev.aioli");

  private final EventLoop loop;
  private @Nullable ExceptionHandler handler;

  ErrorReports(EventLoop loop) {
    this.loop = loop;
  }

  @Nullable ExceptionHandler handler() {
    return handler;
  }

  void setHandler(@Nullable ExceptionHandler newHandler) {
    handler = newHandler;
  }

  /** Calls the handler, in the context of what failed. A handler that fails is logged. */
  void report(ExceptionContext context) {
    try {
      if (handler == null) {
        loop.defaultExceptionHandler(context);
      } else {
        call(handler, context);
      }
    } catch (KeyboardInterrupt | SystemExit e) {
      throw e;
    } catch (Throwable e) {
      log("Unhandled error in exception handler", e);
      log(context);
    }
  }

  private void call(ExceptionHandler chosen, ExceptionContext context) {
    Context own = context.context();
    if (own == null) {
      chosen.handle(loop, context);
    } else {
      own.run(() -> chosen.handle(loop, context));
    }
  }

  /** The message, and which future it is about if that does not say so itself. */
  private static String describe(ExceptionContext context) {
    String future = context.future() == null ? "" : context.future().toString();
    return context.message().contains(future)
        ? context.message()
        : context.message() + ": " + future;
  }

  static void log(ExceptionContext context) {
    log(describe(context), context.exception());
    if (context.source() != null) {
      log("What failed was made here:", context.source());
    }
  }

  /** A logger prints exceptions of the user's, which may say anything of themselves, or fail to. */
  private static void log(String message, @Nullable Throwable exception) {
    try {
      LOG.log(Level.ERROR, message, exception);
    } catch (KeyboardInterrupt | SystemExit e) {
      throw e;
    } catch (Throwable e) {
      if (exception == null) {
        throw e;
      }
      var instead = new IllegalStateException(Texts.of(exception));
      instead.setStackTrace(exception.getStackTrace());
      LOG.log(Level.ERROR, message, instead);
    }
  }
}
