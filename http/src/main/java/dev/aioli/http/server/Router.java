package dev.aioli.http.server;

import dev.aioli.http.Headers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the handler for a method and a path: a tree with a level for each part of the path. Text
 * goes before parameters with an expression, those before parameters without, and those before the
 * rest of a path.
 */
final class Router {
  /** Takes every method. */
  static final String ANY_METHOD = "*";

  private final Node root = new Node();

  /** Handlers by path, then by method, for paths without parameters: the short way. */
  private final Map<String, Map<String, Handler>> plain = new HashMap<>();

  private static final class Node {
    final Map<String, Node> literals = new HashMap<>();

    /** Those with an expression in the order in which they came, then the one without. */
    final List<Branch> parameters = new ArrayList<>();

    final Map<String, Ending> endings = new LinkedHashMap<>();
    final Map<String, Ending> tails = new LinkedHashMap<>();
  }

  /** Where a parameter with that expression leads. */
  private record Branch(@Nullable Pattern regex, Node node) {
    boolean accepts(String part) {
      return !part.isEmpty() && (regex == null || regex.matcher(part).matches());
    }

    boolean sameAs(PathPattern.Parameter parameter) {
      return regex == null
          ? parameter.regex() == null
          : parameter.regex() != null && regex.pattern().equals(parameter.regex().pattern());
    }
  }

  /** A handler and the names of its parameters, in order. */
  private record Ending(Handler handler, List<String> names) {}

  private Router() {}

  static Router of(List<Route> routes) {
    Router router = new Router();
    routes.forEach(router::add);
    return router;
  }

  /** A route as it was given. */
  record Route(String method, String path, Handler handler) {}

  /**
   * Adds a route; one that is there already stays.
   *
   * @throws IllegalArgumentException if the path makes no sense
   */
  private void add(Route route) {
    Node node = root;
    List<String> names = new ArrayList<>();
    boolean tail = false;
    for (PathPattern.Segment segment : PathPattern.parse(route.path).segments()) {
      switch (segment) {
        case PathPattern.Literal(String text) ->
            node = node.literals.computeIfAbsent(text, key -> new Node());
        case PathPattern.Parameter parameter -> {
          names.add(parameter.name());
          node = branch(node, parameter);
        }
        case PathPattern.Tail(String name) -> {
          names.add(name);
          tail = true;
        }
      }
    }
    (tail ? node.tails : node.endings)
        .putIfAbsent(route.method, new Ending(route.handler, List.copyOf(names)));
    if (names.isEmpty()) {
      plain
          .computeIfAbsent(route.path, key -> new HashMap<>())
          .putIfAbsent(route.method, route.handler);
    }
  }

  private static Node branch(Node node, PathPattern.Parameter parameter) {
    for (Branch branch : node.parameters) {
      if (branch.sameAs(parameter)) {
        return branch.node;
      }
    }
    Branch added = new Branch(parameter.regex(), new Node());
    boolean any = !node.parameters.isEmpty() && node.parameters.getLast().regex == null;
    node.parameters.add(node.parameters.size() - (any ? 1 : 0), added);
    return added.node;
  }

  /** The handler for a request, which gets its path parameters; or one that says what is wrong. */
  Handler route(ServerRequest request) {
    Map<String, Handler> methods = plain.get(request.path());
    if (methods != null && !request.hasEncodedPath()) {
      Handler handler = methods.get(request.method());
      if (handler != null) {
        return handler;
      }
    }
    Search search = new Search(request);
    Ending found = search.find(root, 0);
    if (found == null) {
      return search.allowed.isEmpty() ? Router::notFound : search::notAllowed;
    }
    if (!found.names.isEmpty()) {
      Map<String, String> parameters = new LinkedHashMap<>();
      for (int i = 0; i < found.names.size(); i++) {
        parameters.put(found.names.get(i), search.values.get(i));
      }
      request.setPathParameters(parameters);
    }
    return found.handler;
  }

  private static ServerResponse notFound(ServerRequest request) {
    throw new HttpStatusException(404, "no such path: " + request.path());
  }

  /** One walk down the tree, which goes back where a branch leads nowhere. */
  private static final class Search {
    private final String method;
    private final List<String> parts;
    final List<String> values = new ArrayList<>();
    final TreeSet<String> allowed = new TreeSet<>();

    Search(ServerRequest request) {
      method = request.method();
      parts = request.pathSegments();
    }

    @Nullable Ending find(Node node, int at) {
      if (at == parts.size()) {
        return choose(node.endings);
      }
      String part = parts.get(at);
      Node next = node.literals.get(part);
      Ending found = next == null ? null : find(next, at + 1);
      for (int i = 0; found == null && i < node.parameters.size(); i++) {
        Branch branch = node.parameters.get(i);
        if (branch.accepts(part)) {
          values.add(part);
          found = find(branch.node, at + 1);
          if (found == null) {
            values.removeLast();
          }
        }
      }
      if (found == null && !node.tails.isEmpty()) {
        found = choose(node.tails);
        if (found != null) {
          values.add(String.join("/", parts.subList(at, parts.size())));
        }
      }
      return found;
    }

    private @Nullable Ending choose(Map<String, Ending> endings) {
      Ending ending = endings.get(method);
      if (ending == null && method.equals("HEAD")) {
        ending = endings.get("GET");
      }
      if (ending == null) {
        ending = endings.get(ANY_METHOD);
      }
      if (ending == null) {
        allowed.addAll(endings.keySet());
      }
      return ending;
    }

    ServerResponse notAllowed(ServerRequest request) {
      if (allowed.contains("GET")) {
        allowed.add("HEAD");
      }
      allowed.add("OPTIONS");
      String allow = String.join(", ", allowed);
      if (method.equals("OPTIONS")) {
        return ServerResponse.status(204).header("Allow", allow);
      }
      throw new HttpStatusException(
          405, "expected " + allow + ", found " + method, Headers.of("Allow", allow));
    }
  }
}
