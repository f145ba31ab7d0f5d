/**
 * What client and server share on the way to the socket. Not exported, and knows nothing of the
 * packages above. Start with {@code Http2Codec} for frames, {@code ChannelWriter} for writing no
 * faster than the peer reads, {@code Deadline} for time limits that move.
 */
@NullMarked
package dev.aioli.http.wire;

import org.jspecify.annotations.NullMarked;
