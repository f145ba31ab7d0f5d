package dev.aioli.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the handler for a method and a path. The first route that fits wins. */
final class Router {
  /** Handlers by path, then by method, for paths without parameters. */
  private final Map<String, Map<String, Handler>> plain = new HashMap<>();

  private final List<Route> patterns = new ArrayList<>();

  private record Route(String method, List<String> segments, Handler handler) {
    /** The parameters if the path fits, else null. */
    @Nullable Map<String, String> match(List<String> path) {
      if (path.size() != segments.size()) {
        return null;
      }
      Map<String, String> parameters = new HashMap<>();
      for (int i = 0; i < path.size(); i++) {
        String segment = segments.get(i);
        if (isParameter(segment)) {
          parameters.put(segment.substring(1, segment.length() - 1), path.get(i));
        } else if (!segment.equals(path.get(i))) {
          return null;
        }
      }
      return parameters;
    }
  }

  Router() {}

  private static boolean isParameter(String segment) {
    return segment.length() > 2 && segment.startsWith("{") && segment.endsWith("}");
  }

  /**
   * Adds a route.
   *
   * @param pattern begins with a slash; {@code {name}} stands for one part of the path
   */
  void add(String method, String pattern, Handler handler) {
    if (!pattern.startsWith("/")) {
      throw new IllegalArgumentException(
          "expected a path that begins with '/', found '" + pattern + "'");
    }
    if (pattern.indexOf('{') >= 0) {
      patterns.add(new Route(method, split(pattern), handler));
    } else {
      plain.computeIfAbsent(pattern, key -> new HashMap<>()).putIfAbsent(method, handler);
    }
  }

  /** The handler for a request, which gets its path parameters; or one that says what is wrong. */
  Handler route(ServerRequest request) {
    Handler handler = find(request, request.method());
    if (handler == null && request.method().equals("HEAD")) {
      handler = find(request, "GET");
    }
    return handler == null ? this::refuse : handler;
  }

  private @Nullable Handler find(ServerRequest request, String method) {
    Map<String, Handler> methods = plain.get(request.path());
    if (methods != null) {
      Handler handler = methods.get(method);
      if (handler != null) {
        return handler;
      }
    }
    if (patterns.isEmpty()) {
      return null;
    }
    List<String> path = split(request.path());
    for (Route route : patterns) {
      Map<String, String> parameters = route.method.equals(method) ? route.match(path) : null;
      if (parameters != null) {
        request.setPathParameters(parameters);
        return route.handler;
      }
    }
    return null;
  }

  private ServerResponse refuse(ServerRequest request) {
    TreeSet<String> allowed = new TreeSet<>(plain.getOrDefault(request.path(), Map.of()).keySet());
    List<String> path = split(request.path());
    for (Route route : patterns) {
      if (route.match(path) != null) {
        allowed.add(route.method);
      }
    }
    if (allowed.isEmpty()) {
      return ServerResponse.text(404, "404: no such path: " + request.path() + "\n");
    }
    String allow = String.join(", ", allowed);
    return ServerResponse.text(405, "405: expected " + allow + ", found " + request.method() + "\n")
        .header("Allow", allow);
  }

  private static List<String> split(String path) {
    return List.of(path.split("/", -1));
  }
}
