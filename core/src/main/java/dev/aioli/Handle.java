package dev.aioli;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A callback that was given to an {@link EventLoop}: the way to call it off. As {@code
 * asyncio.Handle}.
 */
public sealed class Handle implements Ready permits TimerHandle, DoneCallback, ThreadsafeHandle {
  /** Access to {@link #callback} across threads. Not volatile: that is paid for by every handle. */
  private static final VarHandle CALLBACK;

  static {
    try {
      CALLBACK = MethodHandles.lookup().findVarHandle(Handle.class, "callback", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final EventLoop loop;
  private final Context context;

  /** What {@link #call} takes; null when it has been called off. */
  private @Nullable Object callback;

  private @Nullable Throwable source;

  /** The next older entry while this handle is in the loop's {@link Inbox}. */
  @Nullable Handle inboxNext;

  Handle(EventLoop loop, Runnable callback, Context context) {
    this(loop, context, callback);
  }

  /** For a kind of callback that overrides {@link #call}. */
  Handle(EventLoop loop, Context context, Object callback) {
    this.loop = loop;
    this.callback = callback;
    this.context = context;
    if (loop.isDebug()) {
      source = new Throwable("created here");
    }
  }

  /**
   * Calls the callback off, unless it has run. Idempotent. In the turn, or while the loop does not
   * run; that of {@link EventLoop#callSoonThreadsafe} from any thread.
   */
  public void cancel() {
    loop.checkTurn();
    callback = null;
  }

  /** As {@link #cancel}, from any thread. */
  final void callOff() {
    CALLBACK.setVolatile(this, null);
  }

  private @Nullable Object callback() {
    return CALLBACK.getOpaque(this);
  }

  /** Whether {@link #cancel} was called. */
  public final boolean cancelled() {
    return callback() == null;
  }

  /** The context in which the callback runs. */
  public final Context getContext() {
    return context;
  }

  final EventLoop loop() {
    return loop;
  }

  /** Where the handle was made; known in debug mode only. */
  final @Nullable Throwable source() {
    return source;
  }

  /** Runs the callback; what it throws goes to the loop's exception handler. */
  final void run() {
    Object body = callback();
    if (body == null) {
      return;
    }
    try {
      context.run(this, body);
    } catch (KeyboardInterrupt | SystemExit e) {
      throw e;
    } catch (Throwable e) {
      loop.callExceptionHandler(
          ExceptionContext.of("Exception in callback " + Texts.of(body), e).withHandle(this));
    }
  }

  /** Runs what is behind the callback, whatever it throws. */
  void call(Object body) {
    ((Runnable) body).run();
  }

  /** Whether it wants to be {@linkplain #drop dropped} rather than run when the loop closes. */
  boolean isDroppable() {
    return callback() instanceof Droppable;
  }

  /** Called instead of {@link #run} when the loop closes first. */
  void drop() {
    if (callback() instanceof Droppable droppable) {
      droppable.dropped.run();
    }
    callback = null;
  }

  /** A callback that must know when it will never run, since somebody waits for its effect. */
  record Droppable(Runnable body, Runnable dropped) implements Runnable {
    @Override
    public void run() {
      body.run();
    }
  }

  /** As {@link #toString}, from any thread: calls no code of the user's. */
  final String describe() {
    Object body = callback();
    Throwable made = source;
    StackTraceElement place = made == null ? null : CallSite.of(made);
    return getClass().getSimpleName()
        + "["
        + (body == null ? "cancelled" : body.getClass().getName())
        + (place == null ? "" : ", created at " + place)
        + "]";
  }

  @Override
  public String toString() {
    Object body = callback();
    String what = body == null ? "cancelled" : Texts.of(body);
    return getClass().getSimpleName() + "[" + what + "]";
  }
}
