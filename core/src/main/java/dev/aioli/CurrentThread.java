package dev.aioli;

/** Which thread runs this code, where the JVM's compiler may have an outdated answer. */
final class CurrentThread {
  /*
   * The compiler looks once in a method with all that it inlines, since what a method runs on does not
   * change. With engine `bare` it does, when a loop's next run is in another thread, or the loop
   * is closed there: the stack of a task goes on in that one. A method that calls itself is inlined once
   * and not more often, so the innermost frame here is one of its own and looks for itself.
   */
  private static final int FRAMES = 3;

  private static boolean mayChange;

  private CurrentThread() {}

  /** To be called before the first stack is made that may change to another thread. */
  static void mayChange() {
    mayChange = true;
  }

  /** The thread that runs the caller now. */
  static Thread get() {
    return mayChange ? lookAgain(FRAMES) : Thread.currentThread();
  }

  private static Thread lookAgain(int frames) {
    return frames == 0 ? Thread.currentThread() : lookAgain(frames - 1);
  }
}
