package dev.aioli;

import org.jspecify.annotations.Nullable;

/**
 * How to start a task.
 *
 * @param name its name; null for {@code Task-N}
 * @param context the context to run in, which is not copied; null for a copy of the current one
 * @param eagerStart whether its body runs at once, inside {@code createTask}, until it first
 *     suspends; in a loop that does not run, or where the creator's thread is pinned, it starts as
 *     usual. As {@code asyncio.eager_task_factory}
 */
public record TaskOptions(@Nullable String name, @Nullable Context context, boolean eagerStart) {

  /** No name, a copy of the current context, started in a later iteration. */
  public static final TaskOptions DEFAULT = new TaskOptions(null, null, false);

  /** The same with a name. */
  public TaskOptions withName(String newName) {
    return new TaskOptions(newName, context, eagerStart);
  }

  /** The same with a context, which the task shares with others that are given it. */
  public TaskOptions withContext(Context newContext) {
    return new TaskOptions(name, newContext, eagerStart);
  }

  /** The same with or without an eager start. */
  public TaskOptions withEagerStart(boolean eager) {
    return new TaskOptions(name, context, eager);
  }
}
