package dev.aioli;

import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Tells, in debug mode, of blocks that went on though their limit had cancelled them. */
final class SwallowedCancellation {
  private static final System.Logger LOG = System.getLogger("dev.aioli");

  /** More places are not told, nor remembered. */
  private static final int MAX_PLACES = 1_000;

  /** Where limits are whose blocks have been told. */
  private static final Set<String> PLACES = ConcurrentHashMap.newKeySet();

  private SwallowedCancellation() {}

  /**
   * Tells of a block, once a place. On the stack of who set the limit.
   *
   * @param limit which limit, and where it struck
   * @param thrown what came out of the block; null if it returned
   */
  static void report(String limit, @Nullable Throwable thrown) {
    StackTraceElement site = CallSite.of(new Throwable());
    String place = site == null ? limit : site.toString();
    if (PLACES.size() < MAX_PLACES && PLACES.add(place)) {
      LOG.log(
          Level.WARNING,
          "A block went on after its limit had cancelled it"
              + (site == null ? "" : ", at " + site)
              + ": "
              + limit
              + ". It "
              + (thrown == null
                  ? "returned as if in time"
                  : "threw " + thrown.getClass().getName() + " instead")
              + ", so there is no TimeoutException: something in it, or in what it awaits, has"
              + " caught CancelledError (or Throwable). Throw it again after cleaning up.");
    }
  }
}
