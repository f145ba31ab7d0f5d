/** Peers and checks for the tests of client and server. */
@NullMarked
package dev.aioli.http.testing;

import org.jspecify.annotations.NullMarked;
