package dev.aioli;

import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A variable whose value belongs to the current task or callback: what a thread-local is to
 * threads. As {@code contextvars.ContextVar}.
 *
 * <p>Make one in a static final field. May be read and set anywhere; each {@link Context} has its
 * own value.
 */
public final class ContextVar<T> {
  private final String name;
  private final @Nullable T defaultValue;

  /** A variable without a default. */
  public ContextVar(String name) {
    this(name, null);
  }

  /** A variable with the value it has where none was set. */
  public ContextVar(String name, @Nullable T defaultValue) {
    this.name = Objects.requireNonNull(name, "name");
    this.defaultValue = defaultValue;
  }

  /** Undoes one {@link #set}. */
  public static final class Token<T> {
    private final ContextVar<T> variable;
    private final Context context;
    private final @Nullable Object oldValue;
    private boolean used;

    private Token(ContextVar<T> variable, Context context, @Nullable Object oldValue) {
      this.variable = variable;
      this.context = context;
      this.oldValue = oldValue;
    }
  }

  /** The name given at creation. */
  public String name() {
    return name;
  }

  /**
   * The value in the current context, else the default.
   *
   * @throws NoSuchElementException if it has neither (Python's LookupError)
   */
  public T get() {
    T value = getOrDefault(defaultValue);
    if (value == null) {
      throw new NoSuchElementException(
          this + " has no value here and no default; set it, or use getOrDefault");
    }
    return value;
  }

  /** The value in the current context, else the given one. */
  @SuppressWarnings("unchecked") // only set() stores values, and it takes a T
  public @Nullable T getOrDefault(@Nullable T other) {
    T value = (T) Context.current().value(this);
    return value == null ? other : value;
  }

  /** Sets the value in the current context. The token undoes it. */
  public Token<T> set(T value) {
    Objects.requireNonNull(value, "value");
    Context context = Context.current();
    Token<T> token = new Token<>(this, context, context.value(this));
    context.setValue(this, value);
    return token;
  }

  /**
   * Gives the variable the value that it had before the {@link #set} which made this token.
   *
   * @throws IllegalArgumentException if the token is another variable's or another context's
   * @throws IllegalStateException if it was used before
   */
  public void reset(Token<T> token) {
    if (token.used) { // first, as in CPython
      throw new IllegalStateException("the token of " + token.variable + " has been used already");
    }
    if (token.variable != this) {
      throw new IllegalArgumentException(
          "expected a token of " + this + ", found one of " + token.variable);
    }
    if (token.context != Context.current()) {
      throw new IllegalArgumentException("the token of " + this + " belongs to another context");
    }
    token.used = true;
    token.context.setValue(this, token.oldValue);
  }

  @Override
  public String toString() {
    return "ContextVar[" + name + "]";
  }
}
