/** The workloads on virtual threads with java.util.concurrent. */
@NullMarked
package dev.aioli.benchmarks.threads;

import org.jspecify.annotations.NullMarked;
