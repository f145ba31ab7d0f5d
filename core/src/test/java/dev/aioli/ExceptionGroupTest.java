package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExceptionGroupTest {
  private final IOException io = new IOException("io");
  private final IllegalStateException state = new IllegalStateException("state");
  private final IllegalArgumentException argument = new IllegalArgumentException("argument");

  @Test
  void tellsHowManyThereAre() {
    assertThat(new ExceptionGroup("several", List.of(io, state)))
        .hasMessage("several (2 exceptions)");
    assertThat(new ExceptionGroup("alone", List.of(io))).hasMessage("alone (1 exception)");
  }

  @Test
  void stackTraceShowsThemAll() {
    ExceptionGroup group = new ExceptionGroup("several", List.of(io, state, argument));
    assertThat(group).hasCause(io);
    assertThat(group.getSuppressed()).containsExactly(state, argument);
    assertThat(group.exceptions()).containsExactly(io, state, argument);
  }

  @Test
  void subgroupFindsTheMatchingOnesInNestedGroupsToo() {
    ExceptionGroup inner = new ExceptionGroup("inner", List.of(state, argument));
    ExceptionGroup outer = new ExceptionGroup("outer", List.of(io, inner));
    ExceptionGroup part = outer.subgroup(IllegalStateException.class::isInstance);
    assertThat(part.exceptions()).hasSize(1);
    assertThat(((ExceptionGroup) part.exceptions().getFirst()).exceptions()).containsExactly(state);
    assertThat(outer.subgroup(IOException.class::isInstance).exceptions()).containsExactly(io);
  }

  @Test
  void subgroupTakesAWholeNestedGroupThatMatches() {
    ExceptionGroup inner = new ExceptionGroup("inner", List.of(state));
    ExceptionGroup outer = new ExceptionGroup("outer", List.of(io, inner));
    assertThat(outer.subgroup(ExceptionGroup.class::isInstance).exceptions())
        .containsExactly(inner);
  }

  @Test
  void subgroupOfNothingIsNull() {
    ExceptionGroup inner = new ExceptionGroup("inner", List.of(state));
    ExceptionGroup outer = new ExceptionGroup("outer", List.of(io, inner));
    assertThat(outer.subgroup(Error.class::isInstance)).isNull();
  }

  @Test
  void needsAtLeastOne() {
    assertThatThrownBy(() -> new ExceptionGroup("empty", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected at least one exception, found none");
  }
}
