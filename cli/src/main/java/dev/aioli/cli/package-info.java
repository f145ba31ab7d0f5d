/**
 * The {@code aioli} command. {@link dev.aioli.cli.Main} is its entry; each subcommand has a class.
 *
 * <p>{@code aioli fetch} in one picture, threads in brackets:
 *
 * <pre>
 * UrlSource --[reader]--&gt; ReadAhead --[loop]--&gt; FetchRun, N workers --&gt; Fetcher
 *  (globs, lines)          (priority queue)        |
 *                                                  +--&gt; ResultWriter --[writer]--&gt; stdout
 *                                                  +--&gt; Tally --&gt; Progress, Summary: stderr
 * </pre>
 *
 * Both hand-overs have a bound: when the loop falls behind, the reader waits; when whoever reads
 * stdout falls behind, the workers wait.
 */
@NullMarked
package dev.aioli.cli;

import org.jspecify.annotations.NullMarked;
