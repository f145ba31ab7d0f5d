package dev.aioli;

import org.jspecify.annotations.Nullable;

/** Where in the program Aioli was called. */
final class CallSite {
  private static final String OWN_PACKAGE = CallSite.class.getPackageName() + ".";

  private CallSite() {}

  /** The innermost frame that is neither the JDK's nor of this package; null if there is none. */
  static @Nullable StackTraceElement of(Throwable trace) {
    for (StackTraceElement frame : trace.getStackTrace()) {
      String owner = frame.getClassName();
      boolean ofThisPackage =
          owner.startsWith(OWN_PACKAGE) && owner.indexOf('.', OWN_PACKAGE.length()) < 0;
      if (!ofThisPackage && !owner.startsWith("java.") && !owner.startsWith("jdk.")) {
        return frame;
      }
    }
    return null;
  }
}
