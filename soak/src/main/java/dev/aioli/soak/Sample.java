package dev.aioli.soak;

import java.util.Map;

/**
 * What was in use at a moment without any load.
 *
 * @param seconds since the start
 * @param steps that all loads have done until then
 * @param used how much of each {@link Resource}
 */
record Sample(double seconds, long steps, Map<Resource, Long> used) {
  long used(Resource resource) {
    return used.getOrDefault(resource, 0L);
  }
}
