/** The workloads on Aioli. */
@NullMarked
package dev.aioli.benchmarks.aioli;

import org.jspecify.annotations.NullMarked;
