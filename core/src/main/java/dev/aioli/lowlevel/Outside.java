package dev.aioli.lowlevel;

import java.util.ArrayList;
import java.util.List;

/**
 * What goes on outside a loop's turn and will come back to it: calls in executors, stages that are
 * awaited, processes, threads that will post. A loop that has nothing else to wait for, and nothing
 * of this kind, can never go on; it says so.
 *
 * <p>A thread that will post to the loop, but has not yet, {@linkplain #hold holds} it while it
 * may. {@link dev.aioli.EventLoop#outside} gives it.
 */
public final class Outside {
  private final List<Held> held = new ArrayList<>(); // guarded by itself

  /** In the turn only. */
  private int works;

  /** For the loop. */
  public Outside() {}

  /** Something that may come back; ends when closed. */
  public interface Hold extends AutoCloseable {
    /** From any thread. Again: does nothing. */
    @Override
    void close();
  }

  private final class Held implements Hold {
    private final String why;

    Held(String why) {
      this.why = why;
    }

    @Override
    public void close() {
      synchronized (held) {
        held.remove(this);
      }
    }
  }

  /**
   * Says that something outside may post to the loop. From any thread; does not suspend.
   *
   * @param why for people: "kafka consumer"
   */
  public Hold hold(String why) {
    Held hold = new Held(why);
    synchronized (held) {
      held.add(hold);
    }
    return hold;
  }

  /** As {@link #hold}, for work of the loop's own. In the turn, once for each {@link #end}. */
  public void begin() {
    works++;
  }

  /** Ends what {@link #begin} began. In the turn. */
  public void end() {
    works--;
  }

  /** How much of it there is. In the turn. */
  public int pending() {
    synchronized (held) {
      return works + held.size();
    }
  }

  /** Why it is held, for people. From any thread. */
  public List<String> reasons() {
    synchronized (held) {
      return held.stream().map(hold -> hold.why).toList();
    }
  }
}
