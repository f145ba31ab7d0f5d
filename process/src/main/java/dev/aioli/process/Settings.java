package dev.aioli.process;

import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ProcessPoolBuilder} was told.
 *
 * @param size the most workers at a time
 * @param maxJobsPerWorker after how many jobs a worker is replaced; 0 for never
 * @param idleTimeout after what time without a job a worker ends; null for never
 * @param startTimeout how long a worker may take to start, with its initializer
 * @param initializer the first thing that each worker runs, serialized
 * @param jvmOptions options of the worker's JVM, behind those that it gets anyway
 * @param environment variables to set
 * @param standardOutput where the worker's output goes; null for System.out
 * @param standardError where the worker's errors go; null for System.err
 * @param finishCancelledJobs whether a cancelled job that runs may run to its end
 */
record Settings(
    int size,
    int maxJobsPerWorker,
    @Nullable Duration idleTimeout,
    Duration startTimeout,
    Payload initializer,
    List<String> jvmOptions,
    Map<String, String> environment,
    @Nullable OutputStream standardOutput,
    @Nullable OutputStream standardError,
    boolean finishCancelledJobs) {}
