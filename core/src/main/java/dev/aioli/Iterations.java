package dev.aioli;

import dev.aioli.lowlevel.Clock;
import dev.aioli.lowlevel.Poller;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a loop runs, and the running of it, iteration by iteration. {@link LoopEnd} is the last. */
final class Iterations {
  /*
   * One iteration, as asyncio's _run_once: wait for I/O, posts of other threads or the next timer;
   * append the timers that are due to what is ready; run what is ready now. What these callbacks
   * schedule runs in the next iteration.
   *
   * Who has the turn is said by `turn`. Only this class, through the engines, passes it on.
   */
  private static final System.Logger LOG = System.getLogger("dev.aioli");

  // Fixed.
  private final EventLoop loop;
  private final Clock clock;
  private final Turn turn;
  private final Inbox inbox;
  private final StepWatch watch;
  private final HangWatch hangWatch;
  private final SlowSteps slowSteps = new SlowSteps();
  private final PlaceBudget placeBudget = new PlaceBudget();
  private final BooleanSupplier mayWait = this::mayWait;
  private final BooleanSupplier hasPosts = this::hasPosts;
  private final LookOut lookOut = new LookOut();
  private final MonitorWatch monitorWatch = new MonitorWatch(Clock.SYSTEM);
  private @Nullable InterruptWatch interruptWatch; // set in the turn, once

  // Touched in the turn only, or by anyone while the loop does not run.
  private final ReadyQueue ready = new ReadyQueue();
  private final TimerQueue timers = new TimerQueue();
  private boolean stopping;

  /** How many entries of the ready queue are still to run in this iteration. */
  private int remaining;

  /** How many steps wait for another one that runs in the middle of them. */
  private int inside;

  /** Whether the loop's thread was interrupted: the flag is set again when the loop ends. */
  private boolean interrupted;

  /** Whether it was, and {@link #onInterrupt} has not been told yet. */
  private boolean interruptIsNew;

  /** Who wants to know while the loop runs. */
  private @Nullable Runnable onInterrupt;

  private long slowCallbackNanos = Duration.ofMillis(100).toNanos();
  private @Nullable Error exit;

  Iterations(EventLoop loop, Clock clock, Turn turn, Inbox inbox) {
    this.loop = loop;
    this.clock = clock;
    this.turn = turn;
    this.inbox = inbox;
    watch = new StepWatch(loop, turn);
    hangWatch = new HangWatch(loop, watch, clock);
  }

  ReadyQueue ready() {
    return ready;
  }

  TimerQueue timers() {
    return timers;
  }

  StepWatch watch() {
    return watch;
  }

  HangWatch hangWatch() {
    return hangWatch;
  }

  PlaceBudget placeBudget() {
    return placeBudget;
  }

  SlowSteps slowSteps() {
    return slowSteps;
  }

  MonitorWatch monitorWatch() {
    return monitorWatch;
  }

  void setSlowCallbackNanos(long nanos) {
    slowCallbackNanos = nanos;
  }

  /** Ends {@link #run} after the current iteration, or after the first. */
  void stop() {
    stopping = true;
  }

  /** Runs until it is stopped. On the loop's thread. */
  void run() {
    enter();
    try {
      do {
        runOnce();
      } while (!stopping);
    } finally {
      leave();
    }
  }

  /** One iteration. This is the only method in which callbacks and tasks run. */
  private void runOnce() {
    if (onInterrupt != null) {
      tellOfInterrupt(onInterrupt);
    }
    long timeout = ready.isEmpty() && !stopping ? untilNextTimer() : 0;
    if (timeout > 0) {
      await(timeout);
    } else {
      loop.poller().poll(0, mayWait);
    }
    loop.unseenFailures().reportGarbage();
    if (hangWatch.isAsked()) {
      hangWatch.report();
    }
    inbox.drainTo(ready); // what the reports' handler has posted, too: before the timers

    long now = timers.size() == 0 ? 0 : clock.nanoTime();
    TimerHandle timer = timers.peek();
    while (timer != null && timer.deadlineNanos() <= now) {
      timers.remove(timer);
      ready.add(timer);
      timer = timers.peek();
    }

    remaining = ready.size();
    while (remaining > 0) {
      remaining--;
      if (loop.isDebug()) {
        fireTimed(ready.remove());
      } else {
        fire(ready.remove());
      }
    }
    watch.idle();
  }

  private long untilNextTimer() {
    TimerHandle timer = timers.peek();
    return timer == null ? Poller.FOREVER : Nanos.until(clock.nanoTime(), timer.deadlineNanos());
  }

  private void await(long timeout) {
    if (onInterrupt != null && loop.engine() != Engine.HAND_OVER) {
      keepInterrupts(); // has the poller woken by one, which a native wait does not see
      if (interruptIsNew) {
        return;
      }
    }
    long before = lookOut.beforeSleep(hasPosts, timeout);
    boolean late = before == LookOut.NO_SIGN; // some of the time has passed
    loop.poller().poll(late ? untilNextTimer() : timeout, mayWait);
    if (hasPosts()) {
      lookOut.woken(before);
    }
    lookForInterrupt(); // or the next wait would end at once, and the loop spin
  }

  private void fire(Ready entry) {
    switch (entry) {
      case Task<?> task -> {
        watch.begin();
        task.step();
      }
      case Handle handle -> {
        watch.begin(handle);
        handle.run();
      }
    }
    throwExit();
  }

  private void fireTimed(Ready entry) {
    long start = clock.nanoTime();
    try {
      fire(entry);
    } finally {
      long nanos = clock.nanoTime() - start;
      slowSteps.add(entry, nanos, watch.toldOfLatest());
      if (nanos >= slowCallbackNanos && watch.claim()) { // else the watchdog has told already
        LOG.log(
            Level.WARNING,
            "Executing {0} took {1} ms; nothing else ran meanwhile",
            entry,
            nanos / 1_000_000);
      }
    }
  }

  /**
   * The next entry of this iteration, if it is a task that has not started: for a thread that would
   * else end, while a new one would have to be made. Null otherwise. In the turn.
   */
  @Nullable Task<?> takeFreshTask() {
    if (remaining == 0 || inside > 0 || exit != null || loop.isDebug()) {
      return null; // in debug mode each step is timed
    }
    if (!(ready.peek() instanceof Task<?> task) || !task.isFresh()) {
      return null;
    }
    ready.remove();
    remaining--;
    watch.begin();
    return task;
  }

  /** A step begins in the middle of another one, which has to go on next. */
  void beginInside() {
    inside++;
  }

  void endInside() {
    inside--;
  }

  /** Whether posts wait in the inbox. From any thread. */
  boolean hasPosts() {
    return !inbox.isEmpty();
  }

  private boolean mayWait() {
    return nothingToRun() && !loop.unseenFailures().hasGarbage() && !hangWatch.isAsked();
  }

  /** Whether nothing is ready. In the turn. */
  boolean nothingToRun() {
    return inbox.isEmpty() && ready.isEmpty();
  }

  /** The loop's thread was interrupted, and the flag is about to be lost. In the turn. */
  void keepInterrupt() {
    interrupted = true;
    interruptIsNew = true;
  }

  /**
   * Calls somebody back, in the turn and between two iterations, when the loop's thread has been
   * interrupted while the loop runs; null for nobody. While the loop does not run.
   */
  void onInterrupt(@Nullable Runnable callback) {
    onInterrupt = callback;
    interruptIsNew = false;
  }

  /** Whether an interrupt of the loop's thread asks for an end. */
  boolean tellsOfInterrupts() {
    return onInterrupt != null;
  }

  private void keepInterrupt(InterruptWatch.Seen seen) {
    switch (seen) {
      case NONE -> {}
      case NEW -> keepInterrupt();
      case KNOWN -> interrupted = true;
    }
  }

  private void lookForInterrupt() {
    InterruptWatch watching = interruptWatch;
    if (watching != null) {
      keepInterrupt(watching.take(turn.thread()));
    } else if (Thread.interrupted()) {
      keepInterrupt();
    }
  }

  private void tellOfInterrupt(Runnable callback) {
    if (loop.engine() == Engine.BARE && interruptWatch != null) {
      keepInterrupt(interruptWatch.takeCall());
    } else {
      lookForInterrupt();
    }
    if (interruptIsNew) {
      interruptIsNew = false;
      callback.run();
    }
  }

  /**
   * Keeps interrupts of the loop's thread, those before and those to come, though tasks are mounted
   * on it. On that thread, before a task is.
   */
  void keepInterrupts() {
    InterruptWatch watching = interruptWatch;
    if (watching == null) {
      watching = new InterruptWatch(() -> loop.poller().wakeup());
      interruptWatch = watching;
    }
    keepInterrupt(watching.check(turn.thread()));
  }

  /** Has this error come out of {@link #run} when the current task gives the turn back. */
  void exitWith(Error error) {
    exit = error;
  }

  void throwExit() {
    Error error = exit;
    if (error != null) {
      exit = null;
      throw error;
    }
  }

  /**
   * Refuses posts from now on, and drops all that is ready or will be. But those who posted were
   * told that it runs, and others wait to be told that it does not: these are given to the caller,
   * for the {@linkplain LoopEnd#run last turn}.
   *
   * @return first those that are to be dropped, so that no post waits for them, then the posts
   */
  List<Handle> shut() {
    List<Handle> last = new ArrayList<>();
    List<Handle> accepted = new ArrayList<>();
    inbox.close(ready);
    while (!ready.isEmpty()) {
      Ready entry = ready.remove();
      if (entry instanceof Handle handle && handle.isDroppable()) {
        last.add(handle);
      } else if (entry instanceof ThreadsafeHandle post) {
        accepted.add(post);
      } else if (entry instanceof Handle handle) {
        handle.drop();
      }
    }
    timers.clear();
    last.addAll(accepted);
    return last;
  }

  /** A turn of the loop begins. On its thread. */
  void enter() {
    if (loop.engine() == Engine.LOOP_SCHEDULED) {
      JdkPollers.start();
    }
    interrupted = false;
    if (Thread.interrupted()) {
      keepInterrupt();
    }
    turn.enter();
    if (onInterrupt != null && loop.engine() == Engine.BARE) {
      keepInterrupts(); // those that bodies make themselves do not count
    }
    Watchdog.loopRuns(loop);
  }

  /** Ends what {@link #enter} began. */
  void leave() {
    watch.idle();
    remaining = 0;
    collectInterrupts();
    turn.leave();
    stopping = false;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** On the loop's thread, which is about to be another one, or none. */
  void collectInterrupts() {
    InterruptWatch watching = interruptWatch;
    if (watching != null) {
      interrupted |= watching.end(turn.thread());
    }
    interrupted |= Thread.interrupted();
  }
}
