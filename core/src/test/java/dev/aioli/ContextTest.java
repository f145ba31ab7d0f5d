package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.toThread;
import static dev.aioli.Steps.tick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Start.class)
class ContextTest {
  private static final ContextVar<String> USER = new ContextVar<>("user");
  private static final ContextVar<String> COLOUR = new ContextVar<>("colour", "blue");

  @Parameter Start start;
  private final List<String> log = new ArrayList<>();

  @Test
  void childSeesItsCreatorsValuesButNotTheReverse() {
    start.run(() -> {
      USER.set("ann");
      Task<?> child =
          createTask(() -> {
            log.add(USER.get());
            USER.set("bob");
            tick();
            log.add(USER.get());
          });
      USER.set("carl");
      child.await();
      assertThat(log).containsExactly("ann", "bob");
      assertThat(USER.get()).isEqualTo("carl");
    });
  }

  @Test
  void callbackRunsInACopy() {
    start.run(() -> {
      USER.set("ann");
      Asyncio.getRunningLoop()
          .callSoon(() -> {
            log.add(USER.get());
            USER.set("bob");
          });
      tick();
      assertThat(log).containsExactly("ann");
      assertThat(USER.get()).isEqualTo("ann");
    });
  }

  @Test
  void twoTasksCanShareAContext() {
    start.run(() -> {
      Context shared = Context.copyContext();
      TaskOptions options = TaskOptions.DEFAULT.withContext(shared);
      Asyncio.createTask(Asyncio.callable(() -> USER.set("ann")), options).await();
      assertThat(Asyncio.createTask(() -> USER.get(), options).await()).isEqualTo("ann");
      assertThat(USER.getOrDefault(null)).isNull();
    });
  }

  @Test
  void tokenUndoesASet() {
    start.run(() -> {
      ContextVar.Token<String> first = USER.set("ann");
      ContextVar.Token<String> second = USER.set("bob");
      USER.reset(second);
      assertThat(USER.get()).isEqualTo("ann");
      USER.reset(first);
      assertThat(USER.getOrDefault("nobody")).isEqualTo("nobody");
    });
  }

  @Test
  void tokenIsGoodOnceForItsVariableInItsContext() {
    start.run(() -> {
      ContextVar.Token<String> token = USER.set("ann");
      assertThatThrownBy(() -> COLOUR.reset(token))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("expected a token of ContextVar[colour], found one of ContextVar[user]");
      Task<?> elsewhere = createTask(() -> USER.reset(token));
      assertThatThrownBy(elsewhere::await)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("belongs to another context");
      USER.reset(token);
      assertThatThrownBy(() -> USER.reset(token))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("has been used already");
    });
  }

  @Test
  void valueElseDefaultElseError() {
    start.run(() -> {
      assertThat(COLOUR.get()).isEqualTo("blue");
      assertThat(COLOUR.getOrDefault("red")).isEqualTo("red");
      COLOUR.set("green");
      assertThat(COLOUR.getOrDefault("red")).isEqualTo("green");
      assertThatThrownBy(USER::get)
          .isInstanceOf(NoSuchElementException.class)
          .hasMessageContaining("ContextVar[user] has no value here and no default");
      assertThatThrownBy(() -> USER.set(null)).isInstanceOf(NullPointerException.class);
      assertThat(USER.name()).isEqualTo("user");
    });
  }

  @Test
  void contextRunsCodeAndIsLeftAgainEvenThroughASuspension() {
    start.run(() -> {
      USER.set("ann");
      Context context = Context.copyContext();
      context.run(() -> {
        USER.set("bob");
        tick();
        assertThat(USER.get()).isEqualTo("bob");
      });
      assertThat(USER.get()).isEqualTo("ann");
      assertThat(context.<String>call(() -> USER.get())).isEqualTo("bob");
      assertThat(context.copy()).hasToString("Context{ContextVar[user]=bob}");
    });
  }

  @Test
  void callbackMayRunInAContextOfItsOwn() {
    start.run(() -> {
      Context context = new Context();
      Asyncio.getRunningLoop()
          .callSoon(
              () -> Context.copyContext().run(() -> log.add(USER.getOrDefault("nobody"))), context);
      tick();
      assertThat(log).containsExactly("nobody");
    });
  }

  @Test // bpo-34014
  void toThreadCarriesTheContextAlong() {
    USER.set("outside");
    try {
      Asyncio.run(() -> {
        USER.set("ann");
        log.add(toThread(() -> USER.get()));
      });
      assertThat(log).containsExactly("ann");
      assertThat(USER.get()).as("of the thread without a loop").isEqualTo("outside");
    } finally {
      new Context().run(() -> {});
      USER.reset(USER.set("done"));
    }
  }
}
