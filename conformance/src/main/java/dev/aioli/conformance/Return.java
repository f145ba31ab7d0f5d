package dev.aioli.conformance;

import org.jspecify.annotations.Nullable;

/**
 * How a block ends by a {@code return} instruction: a result, not an exception, since scopes must
 * not see one.
 */
record Return(@Nullable Object value) {
  static @Nullable Object valueOf(@Nullable Return result) {
    return result == null ? null : result.value;
  }
}
