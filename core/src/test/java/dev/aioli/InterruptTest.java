package dev.aioli;

import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** An interrupt of the thread that runs a loop is kept, whatever runs there. On each engine. */
class InterruptTest {
  private static final String ON_BARE_IT_IS_THE_BODYS =
      "the body runs on the loop's thread, and receives the interrupt";

  /** Interrupts a thread once a round, some instants after it is told to. */
  private static final class Interrupter implements AutoCloseable {
    private final Thread target;
    private final AtomicInteger wanted = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final Thread thread = Thread.ofPlatform().start(this::work);

    Interrupter(Thread target) {
      this.target = target;
    }

    private void work() {
      for (int round = 1; wanted.get() >= 0; round++) {
        while (wanted.get() < round && wanted.get() >= 0) {
          Thread.onSpinWait();
        }
        for (int i = 0; i < round % 97; i++) {
          Thread.onSpinWait(); // so that each round hits another instant
        }
        if (wanted.get() >= 0) {
          target.interrupt();
        }
        done.set(round);
      }
    }

    @Override
    public void close() {
      wanted.set(-1);
      boolean ended = false;
      while (!ended) {
        try {
          thread.join();
          ended = true;
        } catch (InterruptedException e) {
          // it was interrupted a last time
        }
      }
    }
  }

  @Test
  void noneIsLostWhileTasksComeAndGo() {
    int rounds = Integer.getInteger("dev.aioli.interrupts", 100_000);
    long enoughNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(5); // on a busy machine
    int lost = 0;
    try (EventLoop loop = EventLoop.newEventLoop();
        Interrupter interrupter = new Interrupter(Thread.currentThread())) {
      for (int n = 1; n <= rounds && System.nanoTime() < enoughNanos; n++) {
        int round = n;
        interrupter.wanted.set(round);
        loop.runUntilComplete(() -> {
          while (interrupter.done.get() < round) {
            sleep(Duration.ZERO);
          }
        });
        if (!Thread.interrupted()) {
          lost++;
        }
      }
    }
    assertThat(lost).isZero();
  }

  @Test
  @DisabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "bare",
      disabledReason = ON_BARE_IT_IS_THE_BODYS)
  void oneThatComesWhileABodyBlocksIsKept() {
    Thread runner = Thread.currentThread();
    CountDownLatch blocks = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Thread.ofPlatform()
        .start(() -> {
          awaitUninterruptibly(blocks);
          runner.interrupt();
          interrupted.countDown();
        });
    Steps.inALoop(() -> {
      blocks.countDown();
      interrupted.await();
      return null;
    });
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void oneFromATaskIsKept() {
    Thread runner = Thread.currentThread();
    Steps.inALoop(() -> {
      runner.interrupt();
      sleep(Duration.ZERO);
      Asyncio.createTask(() -> sleep(Duration.ZERO)).await();
      return null;
    });
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  @DisabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "hand-over",
      disabledReason = "the loop has a thread of its own, and the callback interrupts that one")
  void oneOfACallbackThatInterruptsItselfIsKept() {
    Steps.inALoop(() -> {
      EventLoop.getRunningLoop().callSoon(() -> Thread.currentThread().interrupt());
      for (int i = 0; i < 3; i++) {
        sleep(Duration.ZERO);
      }
      return null;
    });
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void oneThatComesAfterACallbackHasUsedAChannelIsKept(@TempDir Path folder) throws Exception {
    Thread runner = Thread.currentThread();
    Path file = Files.write(folder.resolve("file"), new byte[] {1});
    CountDownLatch wanted = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Thread.ofPlatform()
        .start(() -> {
          awaitUninterruptibly(wanted);
          runner.interrupt();
          interrupted.countDown();
        });
    Steps.inALoop(() -> {
      EventLoop.getRunningLoop().callSoon(() -> read(file));
      sleep(Duration.ZERO);
      wanted.countDown();
      while (interrupted.getCount() > 0) {
        sleep(Duration.ZERO);
      }
      return null;
    });
    assertThat(Thread.interrupted()).isTrue();
  }

  /** A channel has the thread tell it of interrupts while it reads, and nobody afterwards. */
  private static void read(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      channel.read(ByteBuffer.allocate(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void oneAfterTheRunIsNoneOfTheNextRun() {
    Thread runner = Thread.currentThread();
    try (EventLoop loop = EventLoop.newEventLoop()) {
      loop.runUntilComplete(() -> sleep(Duration.ZERO));
      assertThat(Thread.interrupted()).isFalse();
      CountDownLatch interrupted = new CountDownLatch(1);
      Thread.ofPlatform()
          .start(() -> {
            runner.interrupt();
            interrupted.countDown();
          });
      awaitUninterruptibly(interrupted);
      Thread.interrupted();
      loop.runUntilComplete(() -> sleep(Duration.ZERO));
      assertThat(Thread.interrupted()).isFalse();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean open = false;
    while (!open) {
      try {
        latch.await();
        open = true;
      } catch (InterruptedException e) {
        // who interrupted looks at the flag afterwards; see oneAfterTheRunIsNoneOfTheNextRun
      }
    }
  }
}
