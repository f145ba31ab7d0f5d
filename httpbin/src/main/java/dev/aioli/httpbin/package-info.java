/** An httpbin of one's own: something to ask in tests, examples and measurements. */
@NullMarked
package dev.aioli.httpbin;

import org.jspecify.annotations.NullMarked;
