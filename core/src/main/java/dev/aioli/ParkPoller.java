package dev.aioli;

import dev.aioli.lowlevel.Poller;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The poller of a loop without I/O: it parks the thread. */
final class ParkPoller implements Poller {
  private volatile @Nullable Thread parked;

  @Override
  public void poll(long timeoutNanos, BooleanSupplier mayWait) {
    if (timeoutNanos == 0) {
      return;
    }
    parked = Thread.currentThread();
    try {
      if (!mayWait.getAsBoolean()) {
        return;
      }
      if (timeoutNanos == FOREVER) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, timeoutNanos);
      }
    } finally {
      parked = null;
    }
  }

  /** Never. */
  @Override
  public boolean mayBringEvents() {
    return false;
  }

  /**
   * Unparks the waiting thread. A wake-up that finds nobody waiting needs no trace: what it
   * announces is already in the loop's inbox, and {@code mayWait} looks there after {@link #parked}
   * is set.
   */
  @Override
  public void wakeup() {
    Thread thread = parked;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}
