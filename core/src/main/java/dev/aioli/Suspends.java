package dev.aioli;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a method that may give up the turn: other tasks and callbacks of the loop can run before it
 * returns, and a cancellation can come out of it as a {@link CancelledError}.
 *
 * <p>What {@code async def} and {@code await} say in Python. It changes nothing at run time; it is
 * for readers and tools.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.METHOD, ElementType.CONSTRUCTOR})
public @interface Suspends {}
