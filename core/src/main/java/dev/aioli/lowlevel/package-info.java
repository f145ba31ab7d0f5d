/**
 * The ground that every primitive stands on: waiting, loop binding, time and I/O. For those who
 * build primitives of their own; programs rarely need it.
 */
@NullMarked
package dev.aioli.lowlevel;

import org.jspecify.annotations.NullMarked;
