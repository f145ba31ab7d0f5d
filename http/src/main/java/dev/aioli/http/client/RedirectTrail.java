package dev.aioli.http.client;

import dev.aioli.http.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way of one call through redirects: what is asked for at present, and what has been answered
 * before. In the turn only.
 */
final class RedirectTrail {
  private final int maxRedirects;
  private HttpRequest request;
  private Url url;
  private boolean abroad;
  private List<HttpResponse> history = List.of();

  /**
   * A trail at its beginning.
   *
   * @param maxRedirects 0 if none is followed
   */
  RedirectTrail(HttpRequest request, Url url, int maxRedirects) {
    this.request = request;
    this.url = url;
    this.maxRedirects = maxRedirects;
  }

  /** What is sent at present. */
  HttpRequest request() {
    return request;
  }

  /** Where it is sent. */
  Url url() {
    return url;
  }

  /** Whether a redirect has led to another origin: what was for the first alone stays there. */
  boolean abroad() {
    return abroad;
  }

  /** The responses that led here, the first one first. */
  List<HttpResponse> history() {
    return history;
  }

  /** Whether a response is a redirect that is to be followed. */
  boolean goesOn(int status, Headers headers) {
    return maxRedirects > 0 && Redirects.location(status, headers) != null;
  }

  /**
   * Follows a redirect.
   *
   * @throws HttpException.BadRedirect if that is not possible, or was done too often
   */
  void follow(HttpResponse redirect) {
    List<HttpResponse> longer = new ArrayList<>(history);
    longer.add(redirect);
    history = List.copyOf(longer);
    Url next = next(redirect);
    if (history.size() > maxRedirects) {
      throw bad(
          "expected at most "
              + maxRedirects
              + " redirects, found another one, to '"
              + next
              + "'"
              + loop(next),
          null);
    }
    boolean otherOrigin = !next.origin().equals(url.origin());
    HttpRequest following = Redirects.follow(request, redirect.status(), otherOrigin);
    RequestBody body = following.body();
    if (body != null && !body.repeatable()) {
      throw bad(
          "expected a body that can be sent again, as the redirect to '" + next + "' wants it",
          null);
    }
    abroad |= otherOrigin;
    request = following;
    url = next;
  }

  private Url next(HttpResponse redirect) {
    String location =
        Objects.requireNonNull(Redirects.location(redirect.status(), redirect.headers()));
    try {
      return url.resolveField(location);
    } catch (HttpException.InvalidUrl e) {
      throw bad("a redirect cannot be followed (" + e.getMessage() + ")", e);
    }
  }

  /** Whether the redirects go round in a circle, for the message. */
  private String loop(Url next) {
    boolean seen = history.stream().anyMatch(response -> response.url().equals(next.text()));
    return seen ? ", where it has been before" : "";
  }

  private HttpException bad(String message, @Nullable Throwable cause) {
    return new HttpException.BadRedirect(message + ": " + request, history, cause);
  }
}
