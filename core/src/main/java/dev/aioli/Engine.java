package dev.aioli;

import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a loop gives its turn to a task and takes it back. Both engines give the same order of
 * events; they differ in speed and in what they need of the JVM.
 *
 * <p>The fastest one that the JVM permits is used. {@code -Ddev.aioli.engine=loop-scheduled} or
 * {@code hand-over} forces one. {@link EventLoop#engine} tells which one a loop has.
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
  HAND_OVER("hand-over");

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
      JdkCheck.warnOnce();
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
    Throwable missing = this == LOOP_SCHEDULED ? LoopScheduledThread.unavailable() : null;
    if (missing != null) {
      throw new IllegalStateException(
          "engine loop-scheduled needs access to java.lang: add the JVM option "
              + addOpens()
              + ", or use -D"
              + PROPERTY
              + "="
              + HAND_OVER,
          missing);
    }
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
    };
  }

  private static String addOpens() {
    Module module = Engine.class.getModule();
    return "--add-opens java.base/java.lang="
        + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
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
        Level.INFO,
        "Aioli runs on its hand-over engine; {0} makes switching tasks several times faster",
        addOpens());
    return HAND_OVER;
  }

  private static Engine parse(String word) {
    for (Engine engine : values()) {
      if (engine.word.equals(word)) {
        return engine;
      }
    }
    String known =
        Arrays.stream(values()).map(Engine::toString).collect(Collectors.joining(" or "));
    throw new IllegalStateException(
        "-D" + PROPERTY + " expected " + known + ", found '" + word + "'");
  }
}
