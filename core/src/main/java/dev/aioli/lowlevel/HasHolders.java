package dev.aioli.lowlevel;

import dev.aioli.Task;
import java.util.List;

/** What tasks hold while others wait for it: for reports, which name them. */
public interface HasHolders {
  /**
   * The tasks that hold it, as far as they are known. From any thread; in the turn it is exact.
   *
   * <p>Whoever acquired it counts, also if another task is going to release it.
   */
  List<Task<?>> holders();

  /** Whether {@link #holders} are kept: for some that costs too much outside of debug mode. */
  boolean knowsHolders();
}
