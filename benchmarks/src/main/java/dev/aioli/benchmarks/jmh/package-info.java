/** Single operations, measured by JMH. */
@NullMarked
package dev.aioli.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
