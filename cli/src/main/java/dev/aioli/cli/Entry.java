package dev.aioli.cli;

/** What a {@link UrlSource} gives: something to fetch, or a line that makes no sense. */
sealed interface Entry permits FetchRequest, BadLine {
  /** The smaller the sooner. */
  long priority();
}
