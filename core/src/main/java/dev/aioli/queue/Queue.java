package dev.aioli.queue;

import dev.aioli.Suspends;
import dev.aioli.lowlevel.LoopBound;
import dev.aioli.lowlevel.WaitQueue;
import dev.aioli.sync.Event;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/**
 * Hands items from task to task, oldest first, with a bound that makes producers wait. As {@code
 * asyncio.Queue}.
 *
 * <p>Also keeps count of work: each item put must be answered by one {@link #taskDone} for {@link
 * #join} to return.
 *
 * <p>As in asyncio a woken getter has no claim to the item: {@link #getNowait} of another task may
 * take it first, and the getter then waits again, at the end of the line. Null items are refused.
 *
 * @param <T> the type of the items
 */
public sealed class Queue<T> extends LoopBound implements Iterable<T>
    permits LifoQueue, PriorityQueue {
  /**
   * The {@code maxsize} of a queue without a bound. Mind that a fast producer can fill the heap.
   */
  public static final int UNBOUNDED = 0;

  private final int maxsize;
  private final Items<T> items;
  private final WaitQueue getters = new WaitQueue(this);
  private final WaitQueue putters = new WaitQueue(this);
  private final Event finished = new Event();
  private int unfinishedTasks;
  private boolean shutDown;

  /** Where a queue keeps its items: decides which one is next. */
  interface Items<T> {
    /** Adds an item, or throws and changes nothing. */
    void add(T item);

    /** Removes the next item, or throws and changes nothing; there is one. */
    T remove();

    int size();

    /** The items in the order in which they would come out. */
    List<T> toList();
  }

  /**
   * A queue of so many items at most.
   *
   * @param maxsize the bound; {@link #UNBOUNDED} or less for none
   */
  public Queue(int maxsize) {
    this(maxsize, new Fifo<>());
  }

  Queue(int maxsize, Items<T> items) {
    this.maxsize = maxsize;
    this.items = items;
    finished.set();
  }

  private static final class Fifo<T> implements Items<T> {
    private final ArrayDeque<T> items = new ArrayDeque<>();

    @Override
    public void add(T item) {
      items.add(item);
    }

    @Override
    public T remove() {
      return items.remove();
    }

    @Override
    public int size() {
      return items.size();
    }

    @Override
    public List<T> toList() {
      return List.copyOf(items);
    }
  }

  /**
   * Adds an item, waiting for room if the queue is full; does not suspend if there is room. Waiting
   * producers are woken in the order in which they came.
   *
   * <p>Cancellation: the item is not added; a wake-up that had just come goes to the next producer.
   *
   * @throws QueueShutDownException if the queue is shut down, now or while it waits
   * @throws IllegalStateException outside a task if it has to wait, outside a running loop always,
   *     and if the queue belongs to another loop
   */
  @Suspends
  public final void put(T item) {
    Objects.requireNonNull(item, "item");
    checkRunning();
    while (isFull()) {
      if (shutDown) {
        throw shutDownException("put");
      }
      putters.await(bind(), this::putterCancelled);
    }
    putNowait(item);
  }

  private void putterCancelled(boolean woken) {
    if (woken && !isFull()) {
      putters.wakeNext();
    }
  }

  /**
   * Adds an item. Does not suspend.
   *
   * @throws QueueFullException if there is no room
   * @throws QueueShutDownException if the queue is shut down
   */
  public final void putNowait(T item) {
    Objects.requireNonNull(item, "item");
    checkTurn();
    if (shutDown) {
      throw shutDownException("put");
    }
    if (isFull()) {
      throw new QueueFullException("expected room for an item, found " + this);
    }
    items.add(item);
    unfinishedTasks++;
    finished.clear();
    getters.wakeNext();
  }

  /**
   * Removes the next item, waiting for one if the queue is empty; does not suspend if there is one.
   * Waiting consumers are woken in the order in which they came.
   *
   * <p>Cancellation: no item is removed; a wake-up that had just come goes to the next consumer.
   *
   * @throws QueueShutDownException if the queue is shut down and empty, now or while it waits
   * @throws IllegalStateException outside a task if it has to wait, outside a running loop always,
   *     and if the queue belongs to another loop
   */
  @Suspends
  public final T get() {
    checkRunning();
    while (isEmpty()) {
      if (shutDown) {
        throw shutDownException("get");
      }
      getters.await(bind(), this::getterCancelled);
    }
    return getNowait();
  }

  /**
   * Gets one item after the other until the queue is shut down and empty: {@code for (var item :
   * queue)}. asyncio has no such thing. {@code hasNext} is a {@link #get} and suspends like it;
   * several tasks may iterate, each item goes to one of them.
   */
  @Override
  public final Iterator<T> iterator() {
    return new GetIterator<>(this::get, this);
  }

  private void getterCancelled(boolean woken) {
    if (woken && !isEmpty()) {
      getters.wakeNext();
    }
  }

  /**
   * Removes the next item. Does not suspend.
   *
   * @throws QueueEmptyException if there is none
   * @throws QueueShutDownException if there is none and the queue is shut down
   */
  public final T getNowait() {
    checkTurn();
    if (isEmpty()) {
      throw shutDown
          ? shutDownException("get")
          : new QueueEmptyException("expected an item, found " + this);
    }
    T item = items.remove();
    putters.wakeNext();
    return item;
  }

  /**
   * Says that the work on an item that was got is done. The last one wakes those in {@link #join}.
   * Does not suspend.
   *
   * @throws IllegalArgumentException if called more often than items were put (asyncio's
   *     ValueError)
   */
  public final void taskDone() {
    checkTurn();
    if (unfinishedTasks <= 0) {
      throw new IllegalArgumentException(
          "taskDone expects an item that was put and not yet answered, found " + this);
    }
    unfinishedTasks--;
    if (unfinishedTasks == 0) {
      finished.set();
    }
  }

  /**
   * Waits until every item put has been answered by {@link #taskDone}; does not suspend if that is
   * so. Returns even if more was put in the same tick. Those who wait go on in the order in which
   * they came.
   *
   * <p>Cancellation: ends the wait.
   *
   * @throws IllegalStateException as {@link #get}
   */
  @Suspends
  public final void join() {
    checkRunning();
    if (unfinishedTasks > 0) {
      finished.await();
    }
  }

  /**
   * Shuts the queue down: puts fail from now on, gets fail when it is empty, and all who wait in
   * them are woken to find out. Does not suspend.
   */
  public final void shutdown() {
    shutdown(false);
  }

  /**
   * As {@link #shutdown()}.
   *
   * @param immediate whether to drop the items that are left, counting each as done, so that gets
   *     fail at once
   */
  public final void shutdown(boolean immediate) {
    checkTurn();
    shutDown = true;
    if (immediate) {
      dropAll();
    }
    getters.wakeAll();
    putters.wakeAll();
  }

  private void dropAll() {
    while (!isEmpty()) {
      items.remove();
      if (unfinishedTasks > 0) {
        unfinishedTasks--;
      }
    }
    if (unfinishedTasks == 0) {
      finished.set();
    }
  }

  private QueueShutDownException shutDownException(String operation) {
    return new QueueShutDownException(operation + ": the queue has been shut down: " + this);
  }

  /** The bound given at creation. */
  public final int maxsize() {
    return maxsize;
  }

  /** The number of items in the queue. */
  public final int qsize() {
    checkTurnInDebugMode();
    return items.size();
  }

  /** Whether there is no item. */
  public final boolean empty() {
    checkTurnInDebugMode();
    return isEmpty();
  }

  private boolean isEmpty() {
    return items.size() == 0;
  }

  /** Whether there is no room. Never true without a bound. */
  public final boolean full() {
    checkTurnInDebugMode();
    return isFull();
  }

  private boolean isFull() {
    return maxsize > 0 && items.size() >= maxsize;
  }

  /** Whether {@link #shutdown()} was called. */
  public final boolean isShutDown() {
    checkTurnInDebugMode();
    return shutDown;
  }

  /** The number of items put and not yet answered by {@link #taskDone}. */
  public final int unfinishedTasks() {
    checkTurnInDebugMode();
    return unfinishedTasks;
  }

  /** The number of tasks that are blocked in {@link #get}: neither woken nor cancelled. */
  public final int getters() {
    checkTurnInDebugMode();
    return getters.pending();
  }

  /** The number of tasks that are blocked in {@link #put}: neither woken nor cancelled. */
  public final int putters() {
    checkTurnInDebugMode();
    return putters.pending();
  }

  /** A copy of the items, in the order in which they would come out. Takes none of them out. */
  public final List<T> items() {
    checkTurnInDebugMode();
    return items.toList();
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "[maxsize="
        + maxsize
        + ", size="
        + items.size()
        + ", getters="
        + getters.pending()
        + ", putters="
        + putters.pending()
        + ", unfinished="
        + unfinishedTasks
        + (shutDown ? ", shutdown" : "")
        + "]";
  }
}
