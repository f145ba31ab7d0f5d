package dev.aioli.soak;

import java.time.Duration;
import java.util.Random;

/** A kind of work that is done over and over, in a task of its own, with random faults. */
interface Load {
  /** For the table of what was done. */
  String name();

  /** How long to rest between two steps, so that two processors are enough for all loads. */
  Duration pause();

  /**
   * Does it once. What a step begins it has ended, or cancelled, when it returns.
   *
   * @param random says which fault to make, if any
   * @throws Exception if something came out wrong; a fault that was made on purpose is none
   */
  void step(Random random) throws Exception;
}
