/** What virtual threads themselves cost on one thread: the limit of Aioli's design. */
@NullMarked
package dev.aioli.benchmarks.bare;

import org.jspecify.annotations.NullMarked;
