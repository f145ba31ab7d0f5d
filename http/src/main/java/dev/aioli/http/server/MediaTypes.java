package dev.aioli.http.server;

import java.net.URLConnection;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The types of files, by the ends of their names, and which types are worth compressing. */
final class MediaTypes {
  private static final String UNKNOWN = "application/octet-stream";

  /** What the web is made of; the JDK knows other kinds. */
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html"),
          Map.entry("htm", "text/html"),
          Map.entry("css", "text/css"),
          Map.entry("js", "text/javascript"),
          Map.entry("mjs", "text/javascript"),
          Map.entry("json", "application/json"),
          Map.entry("map", "application/json"),
          Map.entry("txt", "text/plain"),
          Map.entry("md", "text/markdown"),
          Map.entry("csv", "text/csv"),
          Map.entry("xml", "application/xml"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("webp", "image/webp"),
          Map.entry("avif", "image/avif"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("woff", "font/woff"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("wasm", "application/wasm"),
          Map.entry("mp4", "video/mp4"),
          Map.entry("webm", "video/webm"),
          Map.entry("gz", "application/gzip"));

  private static final Set<String> COMPRESSIBLE =
      Set.of(
          "application/json",
          "application/javascript",
          "application/xml",
          "application/wasm",
          "application/x-ndjson",
          "image/svg+xml");

  private MediaTypes() {}

  /** The Content-Type of a file. */
  static String of(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    String type = dot < 0 ? null : TYPES.get(name.substring(dot + 1).toLowerCase(Locale.ROOT));
    if (type == null) {
      type = URLConnection.guessContentTypeFromName(name);
    }
    if (type == null) {
      return UNKNOWN;
    }
    return type.startsWith("text/") ? type + "; charset=utf-8" : type;
  }

  /** Whether a Content-Type is one of text rather than of something that is compressed already. */
  static boolean compressible(String contentType) {
    int end = contentType.indexOf(';');
    String type =
        (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    return type.startsWith("text/")
        || COMPRESSIBLE.contains(type)
        || type.endsWith("+json")
        || type.endsWith("+xml");
  }
}
