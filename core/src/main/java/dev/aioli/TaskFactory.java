package dev.aioli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Sees every task that a loop is asked to create: see {@link EventLoop#setTaskFactory}. It may
 * change the body or the options and then calls {@link EventLoop#newTask}.
 */
public interface TaskFactory {
  /**
   * Starts every task eagerly, unless {@link TaskOptions#withEagerStart withEagerStart(false)} says
   * otherwise. As {@code asyncio.eager_task_factory} of CPython 3.14.
   */
  TaskFactory EAGER =
      new TaskFactory() {
        @Override
        public <T extends @Nullable Object> Task<T> create(
            EventLoop loop, Callable<? extends T> body, TaskOptions options) {
          boolean asIsUsual = options.eagerStart() == null;
          return loop.newTask(body, asIsUsual ? options.withEagerStart(true) : options);
        }
      };

  /** Makes the task. In the loop's turn, or while it does not run. */
  <T extends @Nullable Object> Task<T> create(
      EventLoop loop, Callable<? extends T> body, TaskOptions options);
}
