package dev.aioli.benchmarks.worker;

/** Runs code at the bottom of a stack. */
public final class Depth {
  private Depth() {}

  /** Code that may throw. */
  public interface Body {
    /** Runs it. */
    void run() throws Exception;
  }

  /** Runs the body so many frames further down. */
  public static void descend(int frames, Body body) throws Exception {
    if (frames == 0) {
      body.run();
    } else {
      descend(frames - 1, body);
    }
  }
}
