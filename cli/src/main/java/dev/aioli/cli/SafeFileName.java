package dev.aioli.cli;

import dev.aioli.http.url.UrlParts;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Names of files for URLs, that every system can have: the last part of the path with the query, of
 * ASCII letters, digits and {@code - _ . = + , @ %} only; never hidden, never a way out of the
 * folder, never the name of a device, and never what a command takes for an option.
 */
final class SafeFileName {
  private static final Pattern UNSAFE = Pattern.compile("[^A-Za-z0-9_.=+,@%-]");
  private static final Pattern DEVICE =
      Pattern.compile("(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\\$|conout\\$)(\\..*)?");

  /** Leaves room for a number, and for what systems add: most allow 255. */
  private static final int MAX_LENGTH = 200;

  private static final int MAX_EXTENSION = 16;

  private SafeFileName() {}

  /** The name for a URL. Different URLs may get the same. */
  static String of(UrlParts url) {
    String path = url.path();
    String last = path.substring(path.lastIndexOf('/') + 1);
    if (last.isEmpty()) {
      last = "index.html";
    }
    if (url.query() != null) {
      last = withSuffix(last, "_" + url.query());
    }
    String name = UNSAFE.matcher(last).replaceAll("_");
    if (name.startsWith(".") || name.startsWith("-") || DEVICE.matcher(name).matches()) {
      name = "_" + name;
    }
    name = shortened(name);
    return name.endsWith(".") ? name.substring(0, name.length() - 1) + "_" : name;
  }

  /** The name with a number before its extension; 1 adds none. */
  static String numbered(String name, int number) {
    return number == 1 ? name : withSuffix(name, "-" + number);
  }

  private static String withSuffix(String name, String suffix) {
    int dot = extension(name);
    return name.substring(0, dot) + suffix + name.substring(dot);
  }

  private static String shortened(String name) {
    if (name.length() <= MAX_LENGTH) {
      return name;
    }
    String extension = name.substring(extension(name));
    String hash = "_" + Integer.toHexString(name.toLowerCase(Locale.ROOT).hashCode());
    return name.substring(0, MAX_LENGTH - extension.length() - hash.length()) + hash + extension;
  }

  /** Where the extension begins; the length if there is none. */
  private static int extension(String name) {
    int dot = name.lastIndexOf('.');
    boolean isExtension =
        dot > 0
            && dot + 1 < name.length()
            && name.length() - dot <= MAX_EXTENSION
            && Character.isLetter(name.charAt(dot + 1));
    return isExtension ? dot : name.length();
  }
}
