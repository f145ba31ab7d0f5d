package dev.aioli.process;

import org.jspecify.annotations.Nullable;

/**
 * A job, its result or its exception could not cross the border between two processes. The message
 * says which, and the path to the object that is to blame. Only that job fails.
 */
public final class JobSerializationException extends RuntimeException {
  JobSerializationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
