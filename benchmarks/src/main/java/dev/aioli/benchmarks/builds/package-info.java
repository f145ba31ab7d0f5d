/** The comparison of two builds of Aioli: {@code benchmarks/builds}. */
@NullMarked
package dev.aioli.benchmarks.builds;

import org.jspecify.annotations.NullMarked;
