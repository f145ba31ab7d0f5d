package dev.aioli.cli;

import dev.aioli.EventLoop;
import dev.aioli.TimerHandle;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * The progress bar of a run: done, in flight, failed, rate; how long it will take, if it is known
 * how much there is. A timer of the loop brings it up to date, so the run itself need not know of
 * it.
 *
 * <p>Made in the turn of the loop; closed then or when the loop has ended.
 */
final class Progress implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(200);
  private static final int WIDTH_WITHOUT_TERMINAL = 100;

  private final EventLoop loop;
  private final Tally tally;
  private final LongSupplier total;
  private final Stopwatch time;
  private final ProgressBar bar;
  private @Nullable TimerHandle timer;

  /**
   * Shows a bar.
   *
   * @param total how much there is in all, or {@link UrlSource#UNKNOWN}
   * @param time how long the run has taken so far
   */
  Progress(
      EventLoop loop,
      Tally tally,
      LongSupplier total,
      Stopwatch time,
      PrintStream out,
      boolean isTerminal) {
    this.loop = loop;
    this.tally = tally;
    this.total = total;
    this.time = time;
    boolean unicode = out.charset().equals(StandardCharsets.UTF_8);
    var consumer =
        isTerminal
            ? new ConsoleProgressBarConsumer(out)
            : new ConsoleProgressBarConsumer(out, WIDTH_WITHOUT_TERMINAL);
    bar =
        new ProgressBarBuilder()
            .setTaskName("fetch")
            .setStyle(unicode ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII)
            .setInitialMax(total.getAsLong())
            .setUpdateIntervalMillis((int) INTERVAL.toMillis())
            .continuousUpdate()
            .setConsumer(consumer)
            .build();
    Stderr.barShown(true);
    update();
  }

  private void update() {
    show();
    timer = loop.callLater(INTERVAL, this::update);
  }

  private void show() {
    bar.maxHint(total.getAsLong());
    bar.stepTo(tally.done());
    // The bar's own rate counts in whole seconds: up to twice of what it is in a short run.
    String rate = Summary.rate(tally.done(), time.elapsed());
    bar.setExtraMessage(
        "%s, %d in flight, %d failed".formatted(rate, tally.inFlight(), tally.failed()));
  }

  /** Shows the end. */
  @Override
  public void close() {
    if (timer != null) {
      timer.cancel();
    }
    show();
    bar.close();
    Stderr.barShown(false);
  }
}
