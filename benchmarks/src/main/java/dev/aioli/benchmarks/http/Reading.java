package dev.aioli.benchmarks.http;

import tools.jackson.databind.JsonNode;

/**
 * What a client, or a server under wrk, did for a while.
 *
 * @param perSecond requests
 * @param cpuSeconds of the client, for 100,000 requests
 * @param p50Millis how long half of the requests took at most
 * @param p99Millis how long all but one in a hundred took at most
 */
record Reading(double perSecond, double cpuSeconds, double p50Millis, double p99Millis) {
  private static final double NANOS = 1e9;
  private static final double CPU_REQUESTS = 100_000;
  private static final double NANOS_OF_A_MILLISECOND = 1e6;

  /** From the answer of a worker. */
  static Reading of(JsonNode answer) {
    double requests = answer.path("requests").asDouble();
    return new Reading(
        requests / answer.path("nanos").asDouble() * NANOS,
        answer.path("cpu_nanos").asDouble() / NANOS / requests * CPU_REQUESTS,
        answer.path("p50_nanos").asDouble() / NANOS_OF_A_MILLISECOND,
        answer.path("p99_nanos").asDouble() / NANOS_OF_A_MILLISECOND);
  }

  /** Without the CPU time: that of wrk, which loads a server, is nothing to know. */
  Reading withoutCpu() {
    return new Reading(perSecond, Double.NaN, p50Millis, p99Millis);
  }
}
