package dev.aioli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link Asyncio#staggeredRace} ended.
 *
 * @param winner the result of the first candidate to succeed; null if none did
 * @param index its place in the list of candidates; -1 if none did
 * @param exceptions what each candidate that was started threw, in order; null for the winner
 */
public record RaceResult<T extends @Nullable Object>(
    @Nullable T winner, int index, List<@Nullable Throwable> exceptions) {}
