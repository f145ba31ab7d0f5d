/** The comparison of commands that fetch lists of URLs. */
@NullMarked
package dev.aioli.benchmarks.fetchers;

import org.jspecify.annotations.NullMarked;
