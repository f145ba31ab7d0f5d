package dev.aioli;

import dev.aioli.Inbox.Posted;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IL_Result;
import org.openjdk.jcstress.infra.results.LI_Result;

/** The promises of {@link Inbox} to those who post and to the loop that drains it. */
final class InboxStress {
  private InboxStress() {}

  /** What {@link Inbox} and its twins have in common. */
  interface Mailbox {
    Posted post(Handle handle);

    void drainTo(ReadyQueue queue);

    void close(ReadyQueue queue);
  }

  /** Has both actors begin at once: what they do is so short that they would rarely overlap. */
  private static final class Start {
    private final AtomicInteger arrived = new AtomicInteger();

    void await() {
      arrived.incrementAndGet();
      while (arrived.get() < 2) {
        Thread.yield();
      }
    }
  }

  private static final class RealMailbox implements Mailbox {
    private final Inbox inbox = new Inbox();

    @Override
    public Posted post(Handle handle) {
      return inbox.post(handle);
    }

    @Override
    public void drainTo(ReadyQueue queue) {
      inbox.drainTo(queue);
    }

    @Override
    public void close(ReadyQueue queue) {
      inbox.close(queue);
    }
  }

  /**
   * A stack as simple as can be. Its unguarded children yield where their guard is missing, so that
   * the short run on a busy machine catches them, too.
   */
  private static class TwinMailbox implements Mailbox {
    record Node(Handle handle, @Nullable Node older) {}

    final AtomicReference<@Nullable Node> top = new AtomicReference<>();

    @Override
    public Posted post(Handle handle) {
      while (true) {
        Node seen = top.get();
        if (top.compareAndSet(seen, new Node(handle, seen))) {
          return seen == null ? Posted.FIRST : Posted.JOINED;
        }
      }
    }

    @Override
    public void drainTo(ReadyQueue queue) {
      List<Handle> handles = new ArrayList<>();
      for (Node node = top.getAndSet(null); node != null; node = node.older) {
        handles.addFirst(node.handle);
      }
      handles.forEach(queue::add);
    }

    @Override
    public void close(ReadyQueue queue) {
      drainTo(queue);
    }
  }

  /** Without the compare-and-set: looks at the top, then replaces it. */
  private static final class UnguardedPost extends TwinMailbox {
    @Override
    public Posted post(Handle handle) {
      Node seen = top.get();
      Thread.yield();
      top.set(new Node(handle, seen));
      return seen == null ? Posted.FIRST : Posted.JOINED;
    }
  }

  /** Says who is first by another look than the one that posts. */
  private static final class UnguardedFirst extends TwinMailbox {
    @Override
    public Posted post(Handle handle) {
      boolean first = top.get() == null;
      Thread.yield();
      super.post(handle);
      return first ? Posted.FIRST : Posted.JOINED;
    }
  }

  /** Without CLOSED on the stack: a flag, looked at before the post. */
  private static final class UnguardedClose extends TwinMailbox {
    private volatile boolean closed;

    @Override
    public Posted post(Handle handle) {
      if (closed) {
        return Posted.REFUSED;
      }
      Thread.yield();
      return super.post(handle);
    }

    @Override
    public void close(ReadyQueue queue) {
      closed = true;
      drainTo(queue);
    }
  }

  // ---- two threads post, one of them drains in between

  @Outcome(
      id = "[0-3], all",
      expect = Expect.ACCEPTABLE,
      desc = "Each came once, in its thread's order, and each batch had one to wake the loop")
  @Outcome(id = ".*, (LOST|TWICE)", expect = Expect.FORBIDDEN, desc = "One is lost or came twice")
  @Outcome(id = ".*, ORDER", expect = Expect.FORBIDDEN, desc = "Not the order of its thread")
  @Outcome(id = ".*, ASLEEP", expect = Expect.FORBIDDEN, desc = "A batch that wakes nobody")
  @Outcome(id = ".*, AWAKE", expect = Expect.FORBIDDEN, desc = "A batch that wakes the loop twice")
  static final class PostsGrading {}

  abstract static class Posts {
    private final Mailbox inbox;
    private final Start start = new Start();
    private final Handle a1 = Loops.idleHandle();
    private final Handle a2 = Loops.idleHandle();
    private final Handle b = Loops.idleHandle();
    private final ReadyQueue ready = new ReadyQueue();
    private int batches;
    private @Nullable Posted a1Posted;
    private @Nullable Posted a2Posted;
    private @Nullable Posted bPosted;

    Posts(Mailbox inbox) {
      this.inbox = inbox;
    }

    final void postTwo() {
      start.await();
      a1Posted = inbox.post(a1);
      a2Posted = inbox.post(a2);
    }

    final void postOneAndDrain(IL_Result result) {
      start.await();
      bPosted = inbox.post(b);
      drain();
      result.r1 = ready.size();
    }

    final void drainAndJudge(IL_Result result) {
      drain();
      result.r2 = judge();
    }

    private void drain() {
      int before = ready.size();
      inbox.drainTo(ready);
      if (ready.size() > before) {
        batches++;
      }
    }

    private String judge() {
      List<Ready> came = new ArrayList<>();
      while (!ready.isEmpty()) {
        came.add(ready.remove());
      }
      long firsts =
          Stream.of(a1Posted, a2Posted, bPosted).filter(posted -> posted == Posted.FIRST).count();
      if (!came.containsAll(List.of(a1, a2, b))) {
        return "LOST";
      } else if (came.size() != 3) {
        return "TWICE";
      } else if (came.indexOf(a1) > came.indexOf(a2)) {
        return "ORDER";
      } else if (firsts != batches) {
        return firsts < batches ? "ASLEEP" : "AWAKE";
      }
      return "all";
    }
  }

  @JCStressTest
  @JCStressMeta(PostsGrading.class)
  @State
  public static class PostAndPostAndDrain extends Posts {
    public PostAndPostAndDrain() {
      super(new RealMailbox());
    }

    @Actor
    public void poster() {
      postTwo();
    }

    @Actor
    public void posterAndLoop(IL_Result result) {
      postOneAndDrain(result);
    }

    @Arbiter
    public void lastDrain(IL_Result result) {
      drainAndJudge(result);
    }
  }

  @JCStressTest
  @JCStressMeta(PostsGrading.class)
  @State
  public static class UnguardedPostTwin extends Posts {
    public UnguardedPostTwin() {
      super(new UnguardedPost());
    }

    @Actor
    public void poster() {
      postTwo();
    }

    @Actor
    public void posterAndLoop(IL_Result result) {
      postOneAndDrain(result);
    }

    @Arbiter
    public void lastDrain(IL_Result result) {
      drainAndJudge(result);
    }
  }

  @JCStressTest
  @JCStressMeta(PostsGrading.class)
  @State
  public static class UnguardedFirstTwin extends Posts {
    public UnguardedFirstTwin() {
      super(new UnguardedFirst());
    }

    @Actor
    public void poster() {
      postTwo();
    }

    @Actor
    public void posterAndLoop(IL_Result result) {
      postOneAndDrain(result);
    }

    @Arbiter
    public void lastDrain(IL_Result result) {
      drainAndJudge(result);
    }
  }

  // ---- one thread posts while the loop closes

  @Outcome(id = "FIRST, 1", expect = Expect.ACCEPTABLE, desc = "Accepted, and taken over")
  @Outcome(id = "REFUSED, 0", expect = Expect.ACCEPTABLE, desc = "Refused")
  @Outcome(id = "FIRST, 0", expect = Expect.FORBIDDEN, desc = "Accepted, and left behind")
  @Outcome(id = "REFUSED, 1", expect = Expect.FORBIDDEN, desc = "Refused, and runs all the same")
  static final class CloseGrading {}

  abstract static class Close {
    private final Mailbox inbox;
    private final Start start = new Start();
    private final Handle handle = Loops.idleHandle();
    private final ReadyQueue ready = new ReadyQueue();

    Close(Mailbox inbox) {
      this.inbox = inbox;
    }

    final void postOne(LI_Result result) {
      start.await();
      result.r1 = inbox.post(handle);
    }

    final void closeAndCount(LI_Result result) {
      start.await();
      inbox.close(ready);
      result.r2 = ready.size();
    }
  }

  @JCStressTest
  @JCStressMeta(CloseGrading.class)
  @State
  public static class PostAndClose extends Close {
    public PostAndClose() {
      super(new RealMailbox());
    }

    @Actor
    public void poster(LI_Result result) {
      postOne(result);
    }

    @Actor
    public void loop(LI_Result result) {
      closeAndCount(result);
    }
  }

  @JCStressTest
  @JCStressMeta(CloseGrading.class)
  @State
  public static class UnguardedCloseTwin extends Close {
    public UnguardedCloseTwin() {
      super(new UnguardedClose());
    }

    @Actor
    public void poster(LI_Result result) {
      postOne(result);
    }

    @Actor
    public void loop(LI_Result result) {
      closeAndCount(result);
    }
  }

  // ---- one thread posts to a loop that closes

  @Outcome(id = "accepted, 1", expect = Expect.ACCEPTABLE, desc = "Accepted, and has run")
  @Outcome(id = "refused, 0", expect = Expect.ACCEPTABLE, desc = "Refused")
  @Outcome(id = "accepted, 0", expect = Expect.FORBIDDEN, desc = "Accepted, and never runs")
  @Outcome(id = "refused, 1", expect = Expect.FORBIDDEN, desc = "Refused, and runs all the same")
  @Outcome(id = "accepted, 2", expect = Expect.FORBIDDEN, desc = "Runs twice")
  static final class LoopCloseGrading {}

  abstract static class LoopClose {
    final EventLoop loop = Loops.newLoop();
    private final Start start = new Start();
    private final AtomicInteger runs = new AtomicInteger();

    final void postOne(LI_Result result) {
      start.await();
      try {
        loop.asExecutor().execute(runs::incrementAndGet);
        result.r1 = "accepted";
      } catch (RejectedExecutionException e) {
        result.r1 = "refused";
      }
    }

    final void closeAfterAnIteration() {
      start.await();
      Loops.iterate(loop, 1);
      close();
    }

    void close() {
      loop.close();
    }

    final void count(LI_Result result) {
      result.r2 = runs.get();
    }
  }

  @JCStressTest
  @JCStressMeta(LoopCloseGrading.class)
  @State
  public static class PostAndCloseOfLoop extends LoopClose {
    @Actor
    public void poster(LI_Result result) {
      postOne(result);
    }

    @Actor
    public void loop() {
      closeAfterAnIteration();
    }

    @Arbiter
    public void end(LI_Result result) {
      count(result);
    }
  }

  /** Runs what is there, then refuses the rest: not in one step. */
  @JCStressTest
  @JCStressMeta(LoopCloseGrading.class)
  @State
  public static class UnguardedCloseOfLoopTwin extends LoopClose {
    @Override
    void close() {
      Loops.iterate(loop, 1);
      Thread.yield();
      loop.iterations().shut(); // and what it gives back is lost
    }

    @Actor
    public void poster(LI_Result result) {
      postOne(result);
    }

    @Actor
    public void loop() {
      closeAfterAnIteration();
    }

    @Arbiter
    public void end(LI_Result result) {
      count(result);
    }
  }
}
