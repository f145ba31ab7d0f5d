/** What virtual threads themselves cost on one thread: the limit of Aioli's design. */
@NullMarked
package dev.aioli.benchmarks.limit;

import org.jspecify.annotations.NullMarked;
