/** Fails a build in which a cost has multiplied. */
@NullMarked
package dev.aioli.benchmarks.regression;

import org.jspecify.annotations.NullMarked;
