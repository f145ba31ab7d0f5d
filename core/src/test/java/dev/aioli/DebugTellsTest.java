package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import app.DebugProgram;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What debug mode tells of a program that lies outside Aioli's packages. */
class DebugTellsTest {
  private static String outputOf(String does, String... more) throws Exception {
    List<String> options = new ArrayList<>(List.of(ChildJvm.engine()));
    options.add("-Ddoes=" + does);
    options.addAll(List.of(more));
    String output = ChildJvm.run(DebugProgram.class, options.toArray(String[]::new)).output();
    assertThat(output).contains("end of the program");
    return output;
  }

  @Test
  void swallowedCancellationOfALimitIsToldOnceAPlace() throws Exception {
    assertThat(outputOf("swallows"))
        .containsPattern(
            "A block went on after its limit had cancelled it, at"
                + " app\\.DebugProgram\\.swallow\\(DebugProgram\\.java:\\d+\\): the time limit of 3"
                + " s on a swallower has passed; Task-1 was in Asyncio\\.sleep at"
                + " app\\.DebugProgram\\.sleepAndSwallow\\(DebugProgram\\.java:\\d+\\)\\. It"
                + " returned as if in time")
        .containsOnlyOnce("on a swallower has passed")
        .containsOnlyOnce("on a thrower has passed")
        .contains("It threw java.lang.IllegalStateException instead", "Throw it again")
        .contains("threw own");
  }

  @Test
  void limitThatIsObeyedIsNotTold() throws Exception {
    assertThat(outputOf("obeys")).contains("in order").doesNotContain("went on", "held the turn");
  }

  @Test
  void endOfARunSumsTheSlowStepsUp() throws Exception {
    assertThat(outputOf("computes"))
        .containsPattern(
            "5 steps held the turn for more than 50 ms, the longest 702 ms: Task\\[Task-1"
                + " .*\\], afterwards in Asyncio\\.sleep at"
                + " app\\.DebugProgram\\.compute\\(DebugProgram\\.java:\\d+\\)")
        .containsOnlyOnce("held the turn for more than");
  }

  @Test
  void nothingOfThisIsToldOutsideDebugMode() throws Exception {
    assertThat(outputOf("computes", "-Dplain=true")).doesNotContain("held the turn");
    assertThat(outputOf("swallows", "-Dplain=true")).doesNotContain("went on");
  }
}
