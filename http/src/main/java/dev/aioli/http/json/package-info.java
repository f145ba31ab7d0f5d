/** The codec for JSON that is used where none is chosen. */
@NullMarked
package dev.aioli.http.json;

import org.jspecify.annotations.NullMarked;
