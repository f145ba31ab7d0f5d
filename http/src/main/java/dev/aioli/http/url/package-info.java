/**
 * The grammar of URLs (RFC 3986), for the client's requests, for redirects and for the {@code
 * aioli} command.
 */
@NullMarked
package dev.aioli.http.url;

import org.jspecify.annotations.NullMarked;
