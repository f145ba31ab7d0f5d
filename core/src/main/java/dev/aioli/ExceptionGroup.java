package dev.aioli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Several unrelated errors, thrown as one. As Python's {@code ExceptionGroup}; {@link #subgroup}
 * does what {@code except*} is for.
 *
 * <p>The errors are also its suppressed exceptions, so that a stack trace shows them all; the first
 * is its cause.
 */
public final class ExceptionGroup extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Throwable> exceptions;

  /**
   * A group.
   *
   * @throws IllegalArgumentException without exceptions
   */
  public ExceptionGroup(String message, List<? extends Throwable> exceptions) {
    super(message, exceptions.isEmpty() ? null : exceptions.getFirst());
    if (exceptions.isEmpty()) {
      throw new IllegalArgumentException("expected at least one exception, found none");
    }
    this.exceptions = List.copyOf(exceptions);
    this.exceptions.stream().skip(1).forEach(this::addSuppressed);
  }

  /** The errors, in the order in which they happened. */
  public List<Throwable> exceptions() {
    return exceptions;
  }

  /** A group of those that match, looked for in nested groups, too; null if none does. */
  public @Nullable ExceptionGroup subgroup(Predicate<? super Throwable> matches) {
    List<Throwable> matching = new ArrayList<>();
    for (Throwable exception : exceptions) {
      if (matches.test(exception)) {
        matching.add(exception);
      } else if (exception instanceof ExceptionGroup nested) {
        ExceptionGroup part = nested.subgroup(matches);
        if (part != null) {
          matching.add(part);
        }
      }
    }
    return matching.isEmpty() ? null : new ExceptionGroup(String.valueOf(getMessage()), matching);
  }

  @Override
  public String getMessage() {
    int count = exceptions == null ? 0 : exceptions.size(); // null while super() runs
    return super.getMessage() + " (" + count + (count == 1 ? " exception)" : " exceptions)");
  }
}
