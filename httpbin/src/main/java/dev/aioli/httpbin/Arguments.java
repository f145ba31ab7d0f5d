package dev.aioli.httpbin;

import dev.aioli.http.server.HttpStatusException;
import dev.aioli.http.server.ServerRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads numbers out of paths and queries; what is out of range is answered by 400. */
final class Arguments {
  private Arguments() {}

  /** A whole number of the path. */
  static int path(ServerRequest request, String name, int least, int most) {
    return whole(name, request.pathParameter(name), least, most);
  }

  /** A whole number of the query. */
  static int query(ServerRequest request, String name, int otherwise, int least, int most) {
    String text = request.query(name);
    return text == null ? otherwise : whole(name, text, least, most);
  }

  private static int whole(String name, String text, int least, int most) {
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw wrong(name + " from " + least + " to " + most, text);
  }

  /** A time in seconds, with a fraction. */
  static Duration seconds(String name, @Nullable String text, double otherwise, double most) {
    double seconds;
    try {
      seconds = text == null ? otherwise : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      seconds = Double.NaN;
    }
    if (!(seconds >= 0 && seconds <= most)) {
      throw wrong(name + " from 0 to " + (int) most, String.valueOf(text));
    }
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  static HttpStatusException wrong(String expected, String found) {
    return new HttpStatusException(400, "expected " + expected + ", found '" + found + "'");
  }
}
