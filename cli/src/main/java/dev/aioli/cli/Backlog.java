package dev.aioli.cli;

import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.queue.PriorityQueue;
import dev.aioli.queue.QueueShutDownException;
import dev.aioli.sync.Event;
import dev.aioli.sync.Lock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What has been read and is not done: gives out the entries, the most urgent first, of which no
 * limit of a host or rate forbids it, and takes back those that are to be tried again.
 *
 * <p>Used in the turn of the loop.
 */
final class Backlog {
  /*
   * A job is, one after the other, in `ready`, taken by a worker, and done. It leaves this path for
   * the waiting line of its host if that is busy when a worker takes it out, and comes back when a job
   * of the host is done; and for a timer if it is to be tried again later. Wherever it is it keeps its
   * place among its equals: the number in which it was read.
   *
   * There is an end: when no more will come and no job is left, `ready` is shut down.
   */
  private final EventLoop loop = EventLoop.getRunningLoop();
  private final Limits limits;
  private final IntConsumer onRoom;
  private final int chunk;
  private final PriorityQueue<Job> ready = new PriorityQueue<>(PriorityQueue.UNBOUNDED, Job.ORDER);
  private final Map<String, Host> hosts = new HashMap<>();
  private final Event news = new Event();
  private final Lock door = new Lock();
  private final @Nullable TokenBucket tokens;
  private long received;
  private long unfinished;
  private boolean ended;

  /** Taken out, and not yet told to `onRoom`; below 0 if more have been taken back. */
  private int freed;

  /**
   * What bounds a run beside the number of requests in flight.
   *
   * @param perHost how many requests may be in flight to one host; 0 for any number
   * @param rate how many may begin in a time; null for any number
   */
  record Limits(int perHost, @Nullable Rate rate) {
    static final Limits NONE = new Limits(0, null);
  }

  /** An entry on its way. */
  static final class Job {
    private static final Comparator<Job> ORDER = Job::compare;

    private final Entry entry;
    private final long priority;
    private final long number;
    private int attempts;

    private Job(Entry entry, long number) {
      this.entry = entry;
      priority = entry.priority();
      this.number = number;
    }

    /** Not put together of comparators: it is called a dozen times for each entry. */
    private static int compare(Job a, Job b) {
      int byPriority = Long.compare(a.priority, b.priority);
      return byPriority != 0 ? byPriority : Long.compare(a.number, b.number);
    }

    Entry entry() {
      return entry;
    }

    /** How often it has been taken. */
    int attempts() {
      return attempts;
    }
  }

  /** A host with requests in flight. */
  private static final class Host {
    private final java.util.PriorityQueue<Job> waiting = new java.util.PriorityQueue<>(Job.ORDER);
    private int inFlight;
  }

  /**
   * An empty one.
   *
   * @param capacity how many entries the reader may be ahead
   * @param onRoom is told how many more may be read
   */
  Backlog(Limits limits, int capacity, IntConsumer onRoom) {
    this.limits = limits;
    this.onRoom = onRoom;
    chunk = Math.max(1, capacity / 4);
    tokens = limits.rate() == null ? null : new TokenBucket(limits.rate());
  }

  /** More has been read. */
  void add(List<Entry> entries) {
    for (Entry entry : entries) {
      ready.putNowait(new Job(entry, received++));
    }
    unfinished += entries.size();
    news.set();
  }

  /** Nothing more will be read. */
  void end() {
    ended = true;
    shutDownIfDone();
  }

  /** The next job, waiting for one if need be; null when all are done. */
  @Suspends
  @Nullable Job take() {
    Job job = tokens == null ? takeEligible() : takeInRate(tokens);
    if (job != null) {
      job.attempts++;
      freed++;
      tellRoom();
    }
    return job;
  }

  /** One task at a time waits for a token; what is most urgent is decided when it has it. */
  @Suspends
  private @Nullable Job takeInRate(TokenBucket bucket) {
    try (var permit = door.acquire()) {
      Job job = takeEligible();
      if (job == null || job.entry instanceof BadLine) {
        return job;
      }
      bucket.acquire();
      leaveHost(job);
      ready.putNowait(job);
      return takeEligible();
    }
  }

  @Suspends
  private @Nullable Job takeEligible() {
    while (true) {
      Job job;
      try {
        job = ready.get();
      } catch (QueueShutDownException atEnd) {
        return null;
      }
      if (enterHost(job)) {
        return job;
      }
      tellRoom();
    }
  }

  /** Whether its host has room for it; if not, it waits in the line of the host. */
  private boolean enterHost(Job job) {
    if (limits.perHost() == 0 || !(job.entry instanceof FetchRequest request)) {
      return true;
    }
    Host host = hosts.computeIfAbsent(request.target().host(), key -> new Host());
    if (host.inFlight >= limits.perHost()) {
      host.waiting.add(job);
      return false;
    }
    host.inFlight++;
    return true;
  }

  private void leaveHost(Job job) {
    if (limits.perHost() == 0 || !(job.entry instanceof FetchRequest request)) {
      return;
    }
    String name = request.target().host();
    Host host = hosts.get(name);
    if (host == null) {
      throw new IllegalStateException("expected requests in flight to " + name);
    }
    host.inFlight--;
    Job next = host.waiting.poll();
    if (next != null) {
      ready.putNowait(next);
      news.set();
    } else if (host.inFlight == 0) {
      hosts.remove(name);
    }
  }

  private void tellRoom() {
    if (freed > 0 && (ready.empty() || freed >= chunk)) {
      onRoom.accept(freed);
      freed = 0;
    }
  }

  /** A job that was taken has its result. */
  void done(Job job) {
    leaveHost(job);
    unfinished--;
    shutDownIfDone();
  }

  /** A job that was taken is given out again, not before this time has passed. */
  void retry(Job job, Duration delay) {
    leaveHost(job);
    freed--;
    loop.callLater(
        delay,
        () -> {
          ready.putNowait(job);
          news.set();
        });
  }

  private void shutDownIfDone() {
    if (ended && unfinished == 0) {
      ready.shutdown();
    }
    if (ended) {
      news.set();
    }
  }

  /**
   * Waits until there is more to take, or all is done.
   *
   * @return whether there can be more after this
   */
  @Suspends
  boolean awaitMore() {
    news.await();
    news.clear();
    return !ready.isShutDown();
  }

  /** How many jobs can be taken, as far as hosts permit. */
  int waiting() {
    return ready.qsize();
  }

  /** How many entries there have been. */
  long received() {
    return received;
  }

  /** Whether nothing more will be read. */
  boolean ended() {
    return ended;
  }
}
