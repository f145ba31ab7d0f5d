/** Everything under load and random faults for a long time; what grows is found. */
@NullMarked
package dev.aioli.soak;

import org.jspecify.annotations.NullMarked;
