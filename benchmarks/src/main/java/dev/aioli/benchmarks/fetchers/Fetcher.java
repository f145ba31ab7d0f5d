package dev.aioli.benchmarks.fetchers;

import dev.aioli.benchmarks.compare.Pythons;
import dev.aioli.benchmarks.http.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A program that fetches URLs from a list. */
enum Fetcher {
  AIOLI("aioli"),
  CURL("curl"),
  WGET2("wget2"),
  ARIA2("aria2"),
  AIOHTTP("aiohttp"),
  SCRAPY("scrapy"),
  /** The JVM alone, for comparison. */
  JAVA("java");

  private static final int MANY = 20_000;

  private static final int FEW = 2_000;

  private final String word;

  Fetcher(String word) {
    this.word = word;
  }

  @Override
  public String toString() {
    return word;
  }

  /**
   * Whether it is given a row: who takes a minute and more for it, or cannot do it, is not.
   *
   * <p>aria2 writes a file for each URL, and asks for each separately; Scrapy's own work for a
   * request is some milliseconds; aiohttp has no HTTP/2.
   */
  boolean isGiven(Row row) {
    if (row.where() == Row.Where.NOWHERE) {
      return this == AIOLI || this == JAVA;
    }
    return switch (this) {
      case AIOLI, CURL, WGET2 -> true;
      case ARIA2 -> row.urls() <= MANY && !row.http2();
      case AIOHTTP -> row.urls() <= MANY && !row.http2() && !row.stores();
      case SCRAPY -> row.urls() <= FEW && !row.http2() && !row.stores() && !row.large();
      case JAVA -> false;
    };
  }

  /** Its program; empty if it is not here. */
  Optional<String> find(Path benchmarks) {
    return switch (this) {
      case AIOLI -> Optional.of(benchmarks.resolveSibling("aioli").toString());
      case CURL, WGET2, SCRAPY -> Programs.find(word, List.of()).map(Path::toString);
      case ARIA2 -> Programs.find("aria2c", List.of()).map(Path::toString);
      case AIOHTTP -> Pythons.withModule("aiohttp");
      case JAVA -> Optional.of(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    };
  }

  /**
   * The command that does a row.
   *
   * @param program what {@link #find} has found
   * @param list the URLs, a line each
   * @param folder an empty one, for what it stores
   */
  List<String> command(String program, Path benchmarks, Row row, Path list, Path folder)
      throws IOException {
    if (row.where() == Row.Where.NOWHERE) {
      return List.of(program, this == JAVA ? "-version" : "version");
    }
    String inFlight = Integer.toString(row.inFlight());
    List<String> command = new ArrayList<>(List.of(program));
    switch (this) {
      case AIOLI -> {
        command.addAll(List.of("fetch", "--quiet", "--limit", inFlight, "--insecure"));
        command.addAll(List.of("--from", list.toString()));
        if (row.http2()) {
          command.add("--http2");
        }
        if (row.stores()) {
          command.addAll(List.of("--output-dir", folder.toString()));
        }
      }
      case CURL -> {
        command.addAll(List.of("--parallel", "--parallel-max", inFlight, "--insecure", "--silent"));
        command.addAll(List.of("--fail-early", "--compressed"));
        command.add(row.http2() ? "--http2" : "--http1.1");
        command.addAll(List.of("--config", curlConfig(row, list, folder).toString()));
      }
      case WGET2 -> {
        command.addAll(List.of("--quiet", "--max-threads=" + inFlight, "--no-check-certificate"));
        command.addAll(List.of("--compression=gzip", "--tries=1", "--no-robots", "--no-config"));
        command.add(row.http2() ? "--http2" : "--no-http2");
        command.add("--input-file=" + list);
        command.addAll(
            row.stores()
                ? List.of("--directory-prefix=" + folder)
                : List.of("--output-document=/dev/null"));
      }
      case ARIA2 -> {
        command.addAll(List.of("--quiet", "--max-concurrent-downloads=" + inFlight, "--no-conf"));
        command.addAll(List.of("--check-certificate=false", "--http-accept-gzip=true"));
        command.addAll(List.of("--split=1", "--file-allocation=none", "--dir=" + folder));
        command.add("--input-file=" + list);
      }
      case AIOHTTP -> {
        command.add(benchmarks.resolve("python/aiohttp_fetch.py").toString());
        command.addAll(List.of(list.toString(), inFlight));
      }
      case SCRAPY -> {
        command.addAll(List.of("runspider", "--nolog"));
        command.addAll(List.of("-a", "urls=" + list, "-s", "CONCURRENT_REQUESTS=" + inFlight));
        command.addAll(List.of("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=" + inFlight));
        command.add(benchmarks.resolve("python/scrapy_fetch.py").toString());
      }
      case JAVA -> throw new IllegalArgumentException("java fetches nothing");
    }
    return command;
  }

  private static Path curlConfig(Row row, Path list, Path folder) throws IOException {
    StringBuilder text = new StringBuilder();
    int number = 0;
    for (String url : Files.readAllLines(list)) {
      Path output =
          row.stores() ? folder.resolve(Integer.toString(number++)) : Path.of("/dev/null");
      text.append("url=").append(url).append("\noutput=").append(output).append('\n');
    }
    return Files.writeString(list.resolveSibling("curl.config"), text);
  }
}
