package dev.aioli.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VerdictTest {
  private static final int SAMPLES = 30;

  private static List<Sample> samples(int count, Resource resource, IntToLongFunction used) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      samples.add(new Sample(i, i, Map.of(resource, used.applyAsLong(i))));
    }
    return samples;
  }

  @ParameterizedTest
  @EnumSource
  void whatStaysWhereItIsIsFlat(Resource resource) {
    Random random = new Random(1);
    List<Sample> noisy =
        samples(SAMPLES, resource, i -> 50 * resource.bound() + random.nextLong(resource.bound()));
    assertThat(Verdict.of(noisy).growing()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatGrowsAtEachSampleIsNamed(Resource resource) {
    List<Sample> leaking = samples(SAMPLES, resource, i -> 100 + i * (resource.bound() / 5 + 1));
    assertThat(Verdict.of(leaking).growing())
        .singleElement()
        .asString()
        .startsWith(resource.title() + " grows");
  }

  @Test
  void whatGrowsInTheFirstThirdOnlyIsFlat() {
    assertThat(
            Verdict.of(samples(SAMPLES, Resource.HEAP, i -> Math.min(i, 9) * (50L << 20))).isFlat())
        .isTrue();
  }

  @Test
  void whatShrinksIsFlat() {
    assertThat(Verdict.of(samples(SAMPLES, Resource.HEAP, i -> (40L - i) << 20)).isFlat()).isTrue();
  }

  @Test
  void oneOddSampleDecidesNothing() {
    List<Sample> odd = samples(SAMPLES, Resource.TASKS, i -> i == 25 ? 1000 : 3);
    assertThat(Verdict.of(odd).isFlat()).isTrue();
  }

  @Test
  void aStepUpThatStaysIsNamed() {
    List<Sample> step = samples(SAMPLES, Resource.DESCRIPTORS, i -> i < 22 ? 50 : 60);
    assertThat(Verdict.of(step).growing())
        .containsExactly(
            "descriptors grows: 50 in the middle third, 60 in the last, and no more than 4 are"
                + " allowed between them");
  }

  @Test
  void fewSamplesSayNothing() {
    assertThat(Verdict.of(samples(8, Resource.TASKS, i -> 1)).growing())
        .singleElement()
        .asString()
        .contains("at least 9 samples, got 8");
  }
}
