/** Draws what was measured. */
@NullMarked
package dev.aioli.benchmarks.plot;

import org.jspecify.annotations.NullMarked;
