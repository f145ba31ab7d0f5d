package dev.aioli.http.url;

import java.util.regex.Pattern;

/**
 * The one way in which a URL that somebody has written gets into a message: without its user and
 * its password, also if it is malformed. Messages end up in logs.
 */
public final class RedactedUrl {
  private static final String HIDDEN = "***@";

  /** Anything that looks like a user within a longer text. */
  private static final Pattern USER = Pattern.compile("(?<=//)[^/?#\\s\"']*@");

  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private RedactedUrl() {}

  /** The URL with three asterisks in the place of user and password, on one line. */
  public static String of(String url) {
    return onOneLine(withoutUser(url));
  }

  private static String withoutUser(String url) {
    if (url.indexOf('@') < 0) {
      return url;
    }
    int slashes = url.indexOf("//");
    boolean marked = slashes >= 0 && url.substring(0, slashes).matches("[^/?#@]*");
    int begin = marked ? slashes + 2 : 0;
    int end = begin;
    while (end < url.length() && "/?#\\".indexOf(url.charAt(end)) < 0) {
      end++;
    }
    int at = url.lastIndexOf('@', end);
    int host = at < begin ? begin : at + 1;
    boolean nameless = marked && host == end;
    if (nameless || looksCutOff(url.substring(host, end))) {
      at = url.lastIndexOf('@'); // a delimiter in the password: all that could be of it is hidden
    }
    return at < begin ? url : url.substring(0, begin) + HIDDEN + url.substring(at + 1);
  }

  /** Whether what should be a host and a port is rather a user and a part of a password. */
  private static boolean looksCutOff(String server) {
    int colon = server.startsWith("[") ? server.indexOf("]:") + 1 : server.indexOf(':');
    return colon > 0 && !server.substring(colon + 1).matches("[0-9]+");
  }

  private static String onOneLine(String text) {
    return CONTROL.matcher(text).replaceAll(c -> "\\\\u%04x".formatted((int) c.group().charAt(0)));
  }

  /** A longer text, without user and password in any URL that is in it. */
  public static String in(String text) {
    return text.indexOf('@') < 0 ? text : USER.matcher(text).replaceAll(HIDDEN);
  }
}
