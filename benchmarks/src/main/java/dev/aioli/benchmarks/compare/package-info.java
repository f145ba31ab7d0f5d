/** Runs the systems side by side and shows how their costs compare. */
@NullMarked
package dev.aioli.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
