/** The comparison of HTTP clients and servers. */
@NullMarked
package dev.aioli.benchmarks.http;

import org.jspecify.annotations.NullMarked;
