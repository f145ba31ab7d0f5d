package dev.aioli.benchmarks.http;

import java.time.Duration;
import tools.jackson.databind.JsonNode;

/**
 * What a client, or a server under wrk, did for a while.
 *
 * @param requests how many
 * @param perSecond requests
 * @param cpuSeconds of the process that is measured, for 100,000 requests
 * @param p50Millis how long half of the requests took at most
 * @param p99Millis how long all but one in a hundred took at most
 */
record Reading(
    double requests, double perSecond, double cpuSeconds, double p50Millis, double p99Millis) {
  private static final double NANOS = 1e9;
  private static final double CPU_REQUESTS = 100_000;
  private static final double NANOS_OF_A_MILLISECOND = 1e6;

  /** From the answer of a worker. */
  static Reading of(JsonNode answer) {
    double requests = answer.path("requests").asDouble();
    return new Reading(
        requests,
        requests / answer.path("nanos").asDouble() * NANOS,
        answer.path("cpu_nanos").asDouble() / NANOS / requests * CPU_REQUESTS,
        answer.path("p50_nanos").asDouble() / NANOS_OF_A_MILLISECOND,
        answer.path("p99_nanos").asDouble() / NANOS_OF_A_MILLISECOND);
  }

  /** With the CPU time of the server in the place of that of wrk, which loads it. */
  Reading withCpu(Duration cpu) {
    return new Reading(
        requests, perSecond, cpu.toNanos() / NANOS / requests * CPU_REQUESTS, p50Millis, p99Millis);
  }
}
