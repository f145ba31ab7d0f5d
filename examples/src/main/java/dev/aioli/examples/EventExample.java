package dev.aioli.examples;

import static dev.aioli.Asyncio.*;

import dev.aioli.sync.Event;
import java.time.Duration;

/**
 * An event lets all who wait for it go on at once, and whoever comes later does not wait at all.
 *
 * <pre>{@code
 * $ ./aioli example event
 * first waits
 * second waits
 * the loop sets the event
 * first goes on
 * second goes on
 * third waits
 * third goes on
 * }</pre>
 */
public final class EventExample {
  private EventExample() {}

  /** Runs the example. */
  public static void main(String[] args) {
    run(EventExample::program);
  }

  static void program() {
    var event = new Event();
    getRunningLoop().callLater(Duration.ofMillis(100), () -> set(event));
    gather(task(() -> follow("first", event)), task(() -> follow("second", event)));
    follow("third", event);
  }

  private static void set(Event event) {
    IO.println("the loop sets the event");
    event.set();
  }

  private static void follow(String name, Event event) {
    IO.println(name + " waits");
    event.await();
    IO.println(name + " goes on");
  }
}
