package dev.aioli.httpbin;

import dev.aioli.http.server.ServerRequest;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.server.SetCookie;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Cookies and passwords: who the client is. */
final class Identities {
  private Identities() {}

  static List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/cookies", "the cookies of the request", Identities::cookies),
        Endpoint.get("/cookies/set", "sets the cookies of the query", Identities::setCookies),
        Endpoint.get(
            "/cookies/set/{name}/{value}",
            "sets a cookie",
            r ->
                ServerResponse.redirect("/cookies")
                    .cookie(cookie(r.pathParameter("name"), r.pathParameter("value")))),
        Endpoint.get("/cookies/delete", "deletes the cookies of the query", Identities::delete),
        Endpoint.get("/basic-auth/{user}/{password}", "401 unless both fit", r -> basic(r, 401)),
        Endpoint.get(
            "/hidden-basic-auth/{user}/{password}", "404 unless both fit", r -> basic(r, 404)),
        Endpoint.get("/bearer", "401 unless there is a token", Identities::bearer));
  }

  private static ServerResponse cookies(ServerRequest request) {
    ObjectNode answer = Echo.object();
    request.cookies().forEach(answer.putObject("cookies")::put);
    return ServerResponse.json(answer);
  }

  private static SetCookie cookie(String name, String value) {
    try {
      return SetCookie.of(name, value);
    } catch (IllegalArgumentException e) {
      throw Arguments.wrong("what a cookie may have", name + "=" + value);
    }
  }

  private static ServerResponse setCookies(ServerRequest request) {
    ServerResponse response = ServerResponse.redirect("/cookies");
    for (Map.Entry<String, List<String>> entry : request.queryParameters().entrySet()) {
      response = response.cookie(cookie(entry.getKey(), entry.getValue().getFirst()));
    }
    return response;
  }

  private static ServerResponse delete(ServerRequest request) {
    ServerResponse response = ServerResponse.redirect("/cookies");
    for (String name : request.queryParameters().keySet()) {
      response = response.cookie(cookie(name, "").withMaxAge(java.time.Duration.ZERO));
    }
    return response;
  }

  private static ServerResponse basic(ServerRequest request, int refusal) {
    String expected = request.pathParameter("user") + ":" + request.pathParameter("password");
    String sent = credentials(request, "Basic ");
    byte[] bytes = new byte[0];
    try {
      bytes = Base64.getDecoder().decode(sent == null ? "" : sent);
    } catch (IllegalArgumentException e) {
      // then they do not fit
    }
    if (sent != null && expected.equals(new String(bytes, StandardCharsets.UTF_8))) {
      return ServerResponse.json(
          Echo.object().put("authenticated", true).put("user", request.pathParameter("user")));
    }
    ServerResponse response = ServerResponse.status(refusal);
    return refusal == 401
        ? response.header("WWW-Authenticate", "Basic realm=\"Fake Realm\"")
        : response;
  }

  private static ServerResponse bearer(ServerRequest request) {
    String token = credentials(request, "Bearer ");
    return token == null
        ? ServerResponse.status(401).header("WWW-Authenticate", "Bearer")
        : ServerResponse.json(Echo.object().put("authenticated", true).put("token", token));
  }

  private static @Nullable String credentials(ServerRequest request, String scheme) {
    String field = request.headers().get("authorization");
    return field != null && field.regionMatches(true, 0, scheme, 0, scheme.length())
        ? field.substring(scheme.length()).strip()
        : null;
  }
}
