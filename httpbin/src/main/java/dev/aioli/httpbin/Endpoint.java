package dev.aioli.httpbin;

import dev.aioli.http.server.Handler;
import java.util.List;

/**
 * Something that httpbin answers.
 *
 * @param methods {@code *} for all
 * @param path as a route takes it
 * @param summary for the index page
 */
record Endpoint(List<String> methods, String path, String summary, Handler handler) {
  static Endpoint get(String path, String summary, Handler handler) {
    return new Endpoint(List.of("GET"), path, summary, handler);
  }

  static Endpoint any(String path, String summary, Handler handler) {
    return new Endpoint(List.of("*"), path, summary, handler);
  }
}
