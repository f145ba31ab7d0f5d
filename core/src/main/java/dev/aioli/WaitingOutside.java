package dev.aioli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who has to be told when the loop closes, since somebody outside may wait for something of the
 * loop's. In the turn.
 */
final class WaitingOutside {
  /*
   * Held strongly: a thread may wait for what follows on an entry (CompletableFuture.thenApply,
   * allOf) that nobody holds otherwise. So entries hold what they belong to weakly, and those that
   * are over without having said so are swept out whenever there are twice as many as after the last
   * time: an entry costs one more look, all in all, and no more than twice the live ones are kept.
   */
  private static final int FEW = 64;

  /** One of them. */
  interface Entry {
    /** Tells it, once. May call code of the user's. */
    void loopCloses();

    /** Whether nobody needs to be told any more. What belongs to garbage it may end itself. */
    boolean isOver();
  }

  private final Set<Entry> entries = new LinkedHashSet<>();
  private int sweepAt = FEW;

  void add(Entry entry) {
    if (entries.size() >= sweepAt) {
      sweep();
    }
    entries.add(entry);
  }

  private void sweep() {
    List.copyOf(entries).stream().filter(Entry::isOver).forEach(entries::remove);
    sweepAt = Math.max(FEW, 2 * entries.size());
  }

  void remove(Entry entry) {
    entries.remove(entry);
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  int size() {
    return entries.size();
  }

  /** What tells each of them, in order of arrival; none is left. */
  List<Runnable> takeAll() {
    List<Runnable> told = new ArrayList<>();
    entries.forEach(entry -> told.add(entry::loopCloses));
    entries.clear();
    return told;
  }
}
