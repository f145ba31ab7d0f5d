package dev.aioli;

import org.jspecify.annotations.Nullable;

/**
 * How to start a task.
 *
 * @param name its name; null for {@code Task-N}
 * @param context the context to run in, which is not copied; null for a copy of the current one
 * @param eagerStart whether its body runs at once, inside {@code createTask}, until it first
 *     suspends; in a loop that does not run, or where the creator's thread is pinned, it starts in
 *     a later iteration all the same. Null for what is usual in the loop: in a later iteration,
 *     unless its {@linkplain EventLoop#setTaskFactory task factory} decides otherwise. As {@code
 *     eager_start} of CPython 3.14
 */
public record TaskOptions(
    @Nullable String name, @Nullable Context context, @Nullable Boolean eagerStart) {

  /** No name, a copy of the current context, started as is usual in the loop. */
  public static final TaskOptions DEFAULT = new TaskOptions(null, null, null);

  /** The same with a name. */
  public TaskOptions withName(String newName) {
    return new TaskOptions(newName, context, eagerStart);
  }

  /** The same with a context, which the task shares with others that are given it. */
  public TaskOptions withContext(Context newContext) {
    return new TaskOptions(name, newContext, eagerStart);
  }

  /** The same with an eager start, or without one whatever the task factory usually does. */
  public TaskOptions withEagerStart(boolean eager) {
    return new TaskOptions(name, context, eager);
  }
}
