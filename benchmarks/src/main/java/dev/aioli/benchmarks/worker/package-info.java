/** What a process that is measured consists of: it runs workloads when a line tells it to. */
@NullMarked
package dev.aioli.benchmarks.worker;

import org.jspecify.annotations.NullMarked;
