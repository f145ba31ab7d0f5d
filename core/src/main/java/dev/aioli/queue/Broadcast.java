package dev.aioli.queue;

import dev.aioli.Suspends;
import dev.aioli.lowlevel.LoopBound;
import dev.aioli.lowlevel.WaitQueue;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;

/**
 * Gives each item to all who have subscribed, in the same order to each. A subscriber has a buffer
 * of its own with a bound; what happens when that is full is the {@link WhenFull}. asyncio has no
 * such thing; Kotlin has {@code SharedFlow}, Tokio {@code broadcast}.
 *
 * <pre>{@code
 * var prices = new Broadcast<Price>(100, Broadcast.WhenFull.DROP_OLDEST);
 *
 * try (var mine = prices.subscribe()) {      // in any number of tasks
 *   for (Price price : mine) {               // until prices are closed
 *     show(price);
 *   }
 * }
 *
 * prices.publish(price);                     // in others
 * }</pre>
 *
 * <p>Who subscribes gets what is published from then on. What is published while nobody has
 * subscribed is dropped. Null items are refused.
 *
 * @param <T> the type of the items
 */
public final class Broadcast<T> extends LoopBound implements AutoCloseable {
  /*
   * A publisher that finds no room waits in `publishers`. As many are woken as there is room for items, each
   * for one; `woken` counts those that have not run since. Who comes later waits behind them, so items are
   * published in the order in which publish() was called, and no woken one finds its room taken; except
   * by a new subscriber with a smaller buffer, for which it waits again.
   */
  private final int maxsize;
  private final WhenFull whenFull;
  private final Set<Subscription<T>> subscriptions = new LinkedHashSet<>();
  private final WaitQueue publishers = new WaitQueue();
  private int woken;
  private boolean closed;

  /** What is done about a subscriber whose buffer is full when an item is published. */
  public enum WhenFull {
    /** Its oldest item is dropped: it sees the latest ones, with gaps. Nobody waits for it. */
    DROP_OLDEST,

    /** {@link Broadcast#publish} waits until it has taken an item: all go at the slowest's pace. */
    SUSPEND,

    /** Its subscription ends, after the items that it has: it is too slow. Nobody waits for it. */
    CLOSE
  }

  /**
   * One whose subscribers have buffers of so many items, unless they say otherwise.
   *
   * @param maxsize at least 1
   * @throws IllegalArgumentException if it is less
   */
  public Broadcast(int maxsize, WhenFull whenFull) {
    this.maxsize = checkSize(maxsize);
    this.whenFull = Objects.requireNonNull(whenFull, "whenFull");
  }

  private static int checkSize(int maxsize) {
    if (maxsize < 1) {
      throw new IllegalArgumentException("expected maxsize >= 1, was " + maxsize);
    }
    return maxsize;
  }

  /**
   * Gives an item to all subscribers. If one that {@linkplain WhenFull#SUSPEND is waited for} has
   * no room it suspends until all of those have, and then gives it to all at once; else it does not
   * suspend. Publishers that wait are served in the order in which they came.
   *
   * <p>Cancellation: nobody gets the item; a wake-up that had just come goes to the next publisher.
   *
   * @throws QueueShutDownException if it is closed, now or while it waits
   * @throws IllegalStateException outside a task if it has to wait, outside a running loop always,
   *     and if it belongs to another loop
   */
  @Suspends
  public void publish(T item) {
    Objects.requireNonNull(item, "item");
    checkRunning();
    checkOpen();
    if (mustWait()) {
      do {
        awaitRoom();
      } while (room() == 0);
    }
    give(item);
    wakePublishers();
  }

  @Suspends
  private void awaitRoom() {
    publishers.await(bind(), this::publisherCancelled);
    woken--;
    checkOpen();
  }

  private void publisherCancelled(boolean wasWoken) {
    if (wasWoken) {
      woken--;
    }
    wakePublishers();
  }

  /**
   * Gives an item to all subscribers. Does not suspend.
   *
   * @throws QueueFullException if {@link #publish} would have to wait; then nobody gets it
   * @throws QueueShutDownException if it is closed
   */
  public void publishNowait(T item) {
    Objects.requireNonNull(item, "item");
    checkTurn();
    checkOpen();
    if (mustWait()) {
      throw new QueueFullException("expected room at all subscribers, found " + this);
    }
    give(item);
  }

  /** A subscription with the buffer and the policy of this broadcast. Does not suspend. */
  public Subscription<T> subscribe() {
    return subscribe(maxsize, whenFull);
  }

  /**
   * A subscription to what is published from now on, with a buffer and a policy of its own. Does
   * not suspend. Close it, or it goes on to fill. If the broadcast is closed it is at its end at
   * once.
   *
   * @param maxsize at least 1
   * @throws IllegalArgumentException if it is less
   */
  public Subscription<T> subscribe(int maxsize, WhenFull whenFull) {
    checkTurn();
    Objects.requireNonNull(whenFull, "whenFull");
    Subscription<T> subscription = new Subscription<>(this, checkSize(maxsize), whenFull);
    if (closed) {
      subscription.items.shutdown();
    } else {
      subscriptions.add(subscription);
    }
    return subscription;
  }

  /**
   * Publishes no more: subscribers get what they have, and then their end; publishers that wait
   * fail. Does not suspend. Idempotent.
   */
  @Override
  public void close() {
    checkTurn();
    closed = true;
    subscriptions.forEach(subscription -> subscription.items.shutdown());
    subscriptions.clear();
    publishers.wakeAll();
  }

  private void checkOpen() {
    if (closed) {
      throw new QueueShutDownException("publish: the broadcast has been closed: " + this);
    }
  }

  private boolean mustWait() {
    return publishers.hasLive() || room() == 0;
  }

  /** For how many items there is room at those that are waited for. */
  private int room() {
    int least = Integer.MAX_VALUE;
    for (Subscription<T> subscription : subscriptions) {
      if (subscription.whenFull == WhenFull.SUSPEND) {
        least = Math.min(least, subscription.items.maxsize() - subscription.items.qsize());
      }
    }
    return least;
  }

  private void give(T item) {
    for (Iterator<Subscription<T>> each = subscriptions.iterator(); each.hasNext(); ) {
      Subscription<T> subscription = each.next();
      if (!subscription.offer(item)) {
        each.remove();
      }
    }
  }

  private void wakePublishers() {
    if (publishers.pending() > 0) {
      int room = room();
      while (woken < room && publishers.wakeNext()) {
        woken++;
      }
    }
  }

  /** The number of subscriptions that have not ended. */
  public int subscribers() {
    return subscriptions.size();
  }

  /** The number of tasks that are blocked in {@link #publish}: neither woken nor cancelled. */
  public int publishers() {
    return publishers.pending();
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public String toString() {
    return "Broadcast[subscribers="
        + subscribers()
        + ", publishers="
        + publishers()
        + (closed ? ", closed" : "")
        + "]";
  }

  /**
   * What one subscriber has still to get. Several tasks may get from it: each item goes to one of
   * them. Closing it ends the subscription.
   *
   * @param <T> the type of the items
   */
  public static final class Subscription<T> implements Iterable<T>, AutoCloseable {
    private final Broadcast<T> broadcast;
    private final Queue<T> items;
    private final WhenFull whenFull;
    private long dropped;
    private boolean tooSlow;

    private Subscription(Broadcast<T> broadcast, int maxsize, WhenFull whenFull) {
      this.broadcast = broadcast;
      this.items = new Queue<>(maxsize);
      this.whenFull = whenFull;
    }

    /**
     * The next item, in order; suspends if there is none. Tasks that wait are woken in the order in
     * which they came.
     *
     * <p>Cancellation: no item is lost; a wake-up that had just come goes to the next one.
     *
     * @throws QueueShutDownException at the end: if there is no item left, and either side is
     *     closed or this one was {@linkplain #tooSlow too slow}
     * @throws IllegalStateException as {@link Queue#get}
     */
    @Suspends
    public T get() {
      T item = items.get();
      taken();
      return item;
    }

    /**
     * The next item. Does not suspend.
     *
     * @throws QueueEmptyException if there is none
     * @throws QueueShutDownException at the end, as {@link #get}
     */
    public T getNowait() {
      T item = items.getNowait();
      taken();
      return item;
    }

    private void taken() {
      items.taskDone();
      broadcast.wakePublishers();
    }

    /** The items until the end: each step is a {@link #get}, and suspends like it. */
    @Override
    public Iterator<T> iterator() {
      return new GetIterator<>(this::get, this);
    }

    /** Gives it an item; false if that is its end. */
    private boolean offer(T item) {
      if (items.full()) {
        if (whenFull == WhenFull.CLOSE) {
          tooSlow = true;
          items.shutdown();
          return false;
        }
        items.getNowait();
        items.taskDone();
        dropped++;
      }
      items.putNowait(item);
      return true;
    }

    /**
     * Ends the subscription: what it has is dropped, whoever waits for an item finds the end, and
     * publishers wait for it no longer. Does not suspend. Idempotent.
     */
    @Override
    public void close() {
      items.shutdown(true);
      broadcast.subscriptions.remove(this);
      broadcast.wakePublishers();
    }

    /** The number of items that it has. */
    public int qsize() {
      return items.qsize();
    }

    /** How many items were dropped since it was full: {@link WhenFull#DROP_OLDEST}. */
    public long dropped() {
      return dropped;
    }

    /** Whether it was ended since it was full: {@link WhenFull#CLOSE}. */
    public boolean tooSlow() {
      return tooSlow;
    }

    @Override
    public String toString() {
      return "Subscription[maxsize="
          + items.maxsize()
          + ", size="
          + qsize()
          + ", "
          + whenFull
          + (dropped > 0 ? ", dropped=" + dropped : "")
          + (tooSlow ? ", too slow" : "")
          + (items.isShutDown() ? ", ended" : "")
          + "]";
    }
  }
}
