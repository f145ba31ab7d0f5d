package dev.aioli;

import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a loop gives its turn to a task and takes it back. All engines give the same order of events;
 * they differ in speed and in what they need of the JVM.
 *
 * <p>The faster one of {@link #LOOP_SCHEDULED} and {@link #HAND_OVER} that the JVM permits is used.
 * {@code -Ddev.aioli.engine=loop-scheduled}, {@code hand-over} or {@code bare} forces one. {@link
 * EventLoop#engine} tells which one a loop has.
 */
public enum Engine {
  /**
   * The loop itself schedules its tasks' virtual threads. Needs the JVM option {@code --add-opens
   * java.base/java.lang=ALL-UNNAMED} ({@code =dev.aioli} if Aioli is on the module path), or {@code
   * Add-Opens: java.base/java.lang} in the manifest of an executable jar.
   */
  LOOP_SCHEDULED("loop-scheduled"),

  /**
   * Tasks are ordinary virtual threads that hand the turn over by park and unpark. Needs nothing; a
   * switch costs several times as much.
   */
  HAND_OVER("hand-over"),

  /**
   * Tasks have no threads of their own: they are continuations on the loop's thread. For programs
   * that measure and want the last: a switch costs about three quarters of {@link #LOOP_SCHEDULED},
   * starting a task half, a waiting task 40 % less memory. Never chosen by default. Needs the JVM
   * options {@code --add-exports java.base/jdk.internal.vm=ALL-UNNAMED} and {@code --add-opens
   * java.base/java.lang=ALL-UNNAMED} ({@code =dev.aioli} if Aioli is on the module path).
   *
   * <p>What is given up: inside a task, {@link Thread#currentThread} is the loop's thread. Its
   * thread-locals, its interrupt flag and its name are shared by all tasks, and debuggers and
   * thread dumps do not show waiting tasks. {@link ScopedValue}s and thread-locals that a {@link
   * ThreadLocalBridge} carries are each task's own.
   *
   * <p><b>Do not wait while holding a lock of the JVM.</b> The loop's thread owns it, so a task
   * that suspends inside {@code synchronized} or between {@code lock} and {@code unlock} of a
   * {@code ReentrantLock} keeps other threads out, but not the other tasks: they enter too, or, at
   * a monitor for which threads never competed, block the loop for ever. Debug mode finds the
   * former at each suspension inside {@code synchronized} and throws {@link IllegalStateException};
   * nothing finds a {@code ReentrantLock}. A {@code dev.aioli.sync.Lock} works. Such code is no
   * better off in asyncio, with an {@code RLock}.
   *
   * <p>{@link Asyncio#blocking} runs its code on a virtual thread while the task waits, a few
   * microseconds more; it has the task's scoped values and carried thread-locals, no other
   * thread-locals, and not its monitors.
   */
  BARE("bare");

  private static final String PROPERTY = "dev.aioli.engine";
  private static final System.Logger LOG = System.getLogger("dev.aioli");

  private static @Nullable Engine defaultEngine;

  private final String word;

  Engine(String word) {
    this.word = word;
  }

  /** The engine that loops get unless they are built with another. Decided once per JVM. */
  static synchronized Engine byDefault() {
    Engine chosen = defaultEngine;
    if (chosen == null) {
      chosen = choose(System.getProperty(PROPERTY));
      defaultEngine = chosen;
    }
    return chosen;
  }

  /** The word that {@code -Ddev.aioli.engine} takes. */
  @Override
  public String toString() {
    return word;
  }

  /**
   * Fails if this engine cannot run in this JVM.
   *
   * @throws IllegalStateException with the option to add
   */
  void checkAvailable() {
    Throwable missing = unavailable();
    if (missing != null) {
      throw new IllegalStateException(
          "engine "
              + this
              + " needs access to "
              + (this == BARE ? "jdk.internal.vm and java.lang" : "java.lang")
              + ": add the JVM option "
              + options()
              + ", or use -D"
              + PROPERTY
              + "="
              + HAND_OVER,
          missing);
    }
  }

  private @Nullable Throwable unavailable() {
    return switch (this) {
      case LOOP_SCHEDULED -> LoopScheduledThread.unavailable();
      case HAND_OVER -> null;
      case BARE -> JdkContinuation.unavailable();
    };
  }

  /**
   * The kind of thread a loop runs on. A virtual thread's continuation is mounted by a platform
   * thread; handing the turn over is fast only between virtual threads, which share a carrier.
   */
  boolean loopIsVirtual() {
    return this == HAND_OVER;
  }

  TaskThread newThread(EventLoop loop, Task<?> task) {
    return switch (this) {
      case LOOP_SCHEDULED -> new LoopScheduledThread(loop, task);
      case HAND_OVER -> new HandOverThread(loop, task);
      case BARE -> new BareThread(loop, task);
    };
  }

  /** The JVM options that it needs. */
  private String options() {
    Module module = Engine.class.getModule();
    String us = module.isNamed() ? module.getName() : "ALL-UNNAMED";
    String opens = "--add-opens java.base/java.lang=" + us;
    return switch (this) {
      case LOOP_SCHEDULED -> opens;
      case HAND_OVER -> "";
      case BARE -> opens + " --add-exports java.base/jdk.internal.vm=" + us;
    };
  }

  private static Engine choose(@Nullable String forced) {
    if (forced != null && !forced.isBlank()) {
      Engine engine = parse(forced);
      engine.checkAvailable();
      return engine;
    }
    if (LoopScheduledThread.unavailable() == null) {
      return LOOP_SCHEDULED;
    }
    LOG.log(
        EventLoop.DEBUG_BY_DEFAULT ? Level.INFO : Level.DEBUG, // else every program would say it
        "Aioli runs on its hand-over engine; {0} makes switching tasks several times faster",
        LOOP_SCHEDULED.options());
    return HAND_OVER;
  }

  private static Engine parse(String word) {
    for (Engine engine : values()) {
      if (engine.word.equals(word)) {
        return engine;
      }
    }
    String known = Arrays.stream(values()).map(Engine::toString).collect(Collectors.joining(", "));
    throw new IllegalStateException(
        "-D" + PROPERTY + " expected one of " + known + "; found '" + word + "'");
  }
}
