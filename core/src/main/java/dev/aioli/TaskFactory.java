package dev.aioli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Sees every task that a loop is asked to create: see {@link EventLoop#setTaskFactory}. It may
 * change the body or the options and then calls {@link EventLoop#newTask}.
 */
public interface TaskFactory {
  /** Starts every task eagerly. As {@code asyncio.eager_task_factory}. */
  TaskFactory EAGER =
      new TaskFactory() {
        @Override
        public <T extends @Nullable Object> Task<T> create(
            EventLoop loop, Callable<? extends T> body, TaskOptions options) {
          return loop.newTask(body, options.withEagerStart(true));
        }
      };

  /** Makes the task. In the loop's turn, or while it does not run. */
  <T extends @Nullable Object> Task<T> create(
      EventLoop loop, Callable<? extends T> body, TaskOptions options);
}
