package dev.aioli.benchmarks.fetchers;

/**
 * What a program took for a row.
 *
 * @param seconds by the clock
 * @param cpuSeconds of the processors
 * @param mebibytes the most memory that it held
 * @param complaint what it did wrong; empty if nothing
 */
record Run(double seconds, double cpuSeconds, double mebibytes, String complaint) {}
