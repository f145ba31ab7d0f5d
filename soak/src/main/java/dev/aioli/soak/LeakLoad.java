package dev.aioli.soak;

import static dev.aioli.Asyncio.createTask;

import dev.aioli.sync.Event;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Leaves a task, a socket and some memory behind at each step: what this trial has to find. */
final class LeakLoad implements Load {
  private final Event never = new Event();
  private final List<Object> kept = new ArrayList<>();

  @Override
  public String name() {
    return "leak";
  }

  @Override
  public Duration pause() {
    return Duration.ofMillis(500);
  }

  @Override
  public void step(Random random) throws IOException {
    createTask(never::await);
    kept.add(new ServerSocket(0));
    kept.add(new byte[100_000]);
  }
}
