package dev.aioli.cli.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TimelineTest {
  private static final long MILLI = 1_000_000;

  private static Timeline.Snapshot all(Timeline timeline) {
    return timeline.snapshot(Timeline.MAX_SLICES, 0, 1);
  }

  @Test
  void keepsWhatHappenedInEachSlice() {
    Timeline timeline = new Timeline(0);
    timeline.inFlight(1 * MILLI, 1);
    timeline.inFlight(2 * MILLI, 2);
    timeline.inFlight(12 * MILLI, 1);
    timeline.done(12 * MILLI, "200", false, 11_000);
    timeline.inFlight(35 * MILLI, 0);
    timeline.done(35 * MILLI, "500", true, -1);

    Timeline.Snapshot run = all(timeline);
    assertThat(run.slices()).hasSize(4);
    assertThat(run.slices()).extracting(Slice::mostInFlight).containsExactly(2, 2, 1, 1);
    assertThat(run.slices()).extracting(Slice::done).containsExactly(0L, 1L, 0L, 1L);
    assertThat(run.slices()).extracting(Slice::failed).containsExactly(0L, 0L, 0L, 1L);
    assertThat(run.slices().get(1).millis(50)).isBetween(10.9, 11.1);
    assertThat(run.slices().get(3).millis(50)).isNaN();
    assertThat(run.seconds()).isEqualTo(0.035);
    assertThat(run.whole().outcomes()).isEqualTo(Map.of("200", 1L, "500", 1L)).hasSize(2);
    assertThat(run.window()).isCloseTo(0.11, within(0.001));
    assertThat(run.rate(1, Slice::done)).isCloseTo(2 / 0.035, within(1e-6));
  }

  /** Six at a time that take 50 ms each, asked for at once: 6 results each 50 ms. */
  @Test
  void theRateOfSteadyWorkIsSteady() {
    Timeline timeline = new Timeline(0);
    for (int i = 1; i <= 40; i++) {
      for (int n = 0; n < 6; n++) {
        timeline.done(i * 50 * MILLI, "200", false, 50_000);
      }
    }
    Timeline.Snapshot run = all(timeline);
    assertThat(run.window()).isGreaterThan(10 * run.widthSeconds());
    for (int i = 0; i < run.slices().size(); i++) {
      assertThat(run.rate(i, Slice::done)).isBetween(90.0, 150.0);
    }
  }

  @Test
  void theRateOfShortRequestsIsThatOfEachSlice() {
    Timeline timeline = new Timeline(0);
    timeline.done(5 * MILLI, "200", false, 900);
    timeline.done(15 * MILLI, "200", false, 900);
    timeline.done(16 * MILLI, "200", false, 900);
    timeline.inFlight(30 * MILLI, 0);
    Timeline.Snapshot run = all(timeline);
    assertThat(run.rate(0, Slice::done)).isCloseTo(100, within(1e-6));
    assertThat(run.rate(1, Slice::done)).isCloseTo(200, within(1e-6));
  }

  @Test
  void aRunWithoutAnswersHasARate() {
    Timeline timeline = new Timeline(0);
    timeline.done(9 * MILLI, "connect", true, -1);
    timeline.inFlight(20 * MILLI, 0);
    assertThat(all(timeline).rate(0, Slice::failed)).isCloseTo(100, within(1e-6));
  }

  @Test
  void aMillionResultsInADayAreAFewSlices() {
    Timeline timeline = new Timeline(5);
    long step = 86_400_000L * MILLI / 1_000_000;
    for (int i = 0; i < 1_000_000; i++) {
      timeline.inFlight(5 + i * step, i % 7);
      timeline.done(5 + i * step, "200", i % 10 == 0, 1_000 + i % 1_000);
    }
    Timeline.Snapshot run = all(timeline);
    assertThat(run.slices()).hasSizeBetween(Timeline.MAX_SLICES / 2, Timeline.MAX_SLICES);
    assertThat(run.slices().stream().mapToLong(Slice::done).sum()).isEqualTo(1_000_000);
    assertThat(run.slices().stream().mapToLong(Slice::failed).sum()).isEqualTo(100_000);
    List<Slice> whole = run.slices().subList(0, run.slices().size() - 1);
    assertThat(whole).allMatch(slice -> slice.mostInFlight() == 6);
    assertThat(whole).allMatch(slice -> slice.millis(50) > 1.3 && slice.millis(50) < 1.7);
    assertThat(run.seconds()).isBetween(86_399.0, 86_400.0);
  }

  @Test
  void aSnapshotIsAsCoarseAsItsContentIsThin() {
    Timeline timeline = new Timeline(0);
    for (int i = 0; i < 100; i++) {
      timeline.done(i * 20 * MILLI, "200", false, 1_000);
    }
    Timeline.Snapshot run = timeline.snapshot(120, 5, 10);
    assertThat(run.slices()).hasSizeBetween(10, 20);
    assertThat(run.slices().stream().mapToLong(Slice::done).sum()).isEqualTo(100);
    assertThat(all(timeline).slices()).hasSize(199);
  }
}
