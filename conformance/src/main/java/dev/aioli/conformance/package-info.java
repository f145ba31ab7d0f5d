/**
 * The Java runner of the conformance scenarios; SPEC.md in this module's folder is its contract.
 */
@NullMarked
package dev.aioli.conformance;

import org.jspecify.annotations.NullMarked;
