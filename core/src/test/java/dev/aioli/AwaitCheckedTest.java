package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gatherFuture;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** {@link Future#awaitChecked}: a checked exception comes out as the object that it is. */
class AwaitCheckedTest {
  private static Task<String> failing(Exception exception) {
    return createTask(() -> {
      sleep(ms(10));
      throw exception;
    });
  }

  @Test // the handler would not compile if the type were lost
  void exceptionOfTheTypeIsThrownAsItIs() {
    VirtualTime.run(() -> {
      IOException disk = new FileNotFoundException("disk");
      Task<String> task = failing(disk);
      IOException caught = null;
      try {
        task.awaitChecked(IOException.class);
      } catch (IOException e) {
        caught = e;
      }
      assertThat(caught).isSameAs(disk);
    });
  }

  @Test
  void resultIsGivenWithoutASuspensionIfItIsThere() throws IOException {
    VirtualTime.run(() -> {
      Task<String> task = createTask(() -> "done");
      tick();
      boolean[] another = {false};
      createTask(() -> another[0] = true);
      assertThat(task.awaitChecked(IOException.class)).isEqualTo("done");
      assertThat(another[0]).isFalse();
    });
  }

  @Test
  void anotherCheckedExceptionComesWrapped() {
    VirtualTime.run(() -> {
      InterruptedException other = new InterruptedException("other");
      assertThatThrownBy(() -> failing(other).awaitChecked(IOException.class))
          .isInstanceOf(CompletionException.class)
          .hasCause(other);
    });
  }

  @Test
  void uncheckedExceptionComesAsItIs() {
    VirtualTime.run(() -> {
      RuntimeException unchecked = new IllegalArgumentException("boom");
      assertThatThrownBy(() -> failing(unchecked).awaitChecked(IOException.class))
          .isSameAs(unchecked);
      assertThatThrownBy(() -> failing(unchecked).awaitChecked(Exception.class))
          .isSameAs(unchecked);
    });
  }

  @Test // cancelled before and after the outcome is there
  void cancellationIsThatOfAwait() {
    VirtualTime.run(() -> {
      Future<String> never = Asyncio.getRunningLoop().createFuture();
      Task<String> waiting = createTask(() -> never.awaitChecked(Exception.class));
      tick();
      waiting.cancel();
      assertCancelled(waiting);
      assertThat(never.cancelled()).isTrue();

      Future<String> answered = Asyncio.getRunningLoop().createFuture();
      Task<String> woken = createTask(() -> answered.awaitChecked(Exception.class));
      Task<String> next = createTask(() -> answered.awaitChecked(Exception.class));
      tick();
      answered.setResult("yes");
      woken.cancel();
      assertCancelled(woken);
      assertThat(next.await()).isEqualTo("yes");
    });
  }

  @Test
  void failureThatItThrewIsNotReportedAsLost() {
    List<ExceptionContext> reports = new ArrayList<>();
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop().setExceptionHandler((_, context) -> reports.add(context));
      assertThatThrownBy(() -> failing(new IOException("disk")).awaitChecked(IOException.class))
          .isInstanceOf(IOException.class);
    });
    assertThat(reports).isEmpty();
  }

  @Test
  void whatIsMadeOfOthersKeepsTheType() {
    VirtualTime.run(() -> {
      IOException disk = new IOException("disk");
      Future<List<String>> all = gatherFuture(List.of(failing(disk), createTask(() -> "other")));
      assertThatThrownBy(() -> all.awaitChecked(IOException.class)).isSameAs(disk);
      assertThatThrownBy(() ->
              Asyncio.timeout(
                  Duration.ofSeconds(1), () -> failing(disk).awaitChecked(IOException.class)))
          .isSameAs(disk);
    });
  }

  @Test
  void stagesOfOthersHaveItToo() {
    VirtualTime.run(() -> {
      IOException disk = new IOException("disk");
      CompletableFuture<String> failed = CompletableFuture.failedFuture(disk);
      Asyncio.getRunningLoop().setExceptionHandler((_, _) -> {});
      assertThatThrownBy(() -> Asyncio.wrapFuture(failed).awaitChecked(IOException.class))
          .isSameAs(disk);
    });
  }

  @Test // awaitChecked has a name of its own so that these are no question to the compiler
  void methodReferencesToAwaitStayUnambiguous() {
    VirtualTime.run(() -> {
      Task<String> first = createTask(() -> "first");
      Task<String> relay = createTask(first::await);
      String limited = Asyncio.timeout(Duration.ofSeconds(1), relay::await);
      assertThat(limited).isEqualTo("first");
    });
  }
}
