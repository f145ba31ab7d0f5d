package dev.aioli.http;

import org.jspecify.annotations.Nullable;

/**
 * Finds what may be behind the failure of a library to get at a class: a package that its module
 * does not open.
 */
final class ClosedPackage {
  private final Module library;
  private @Nullable Class<?> found;

  ClosedPackage(Module library) {
    this.library = library;
  }

  /** Looks at a class, or at the class of an object. The first that is closed counts. */
  void look(@Nullable Object object) {
    if (found == null && object != null) {
      Class<?> type = object instanceof Class<?> itself ? itself : object.getClass();
      while (type.isArray()) {
        type = type.getComponentType();
      }
      boolean ofTheJdk = type.getModule().getLayer() == null || type.getName().startsWith("java.");
      if (!ofTheJdk && !type.getModule().isOpen(type.getPackageName(), library)) {
        found = type;
      }
    }
  }

  /** What to do about it; empty if nothing was found. */
  String hint() {
    return found == null
        ? ""
        : "; if it is private, the module "
            + found.getModule().getName()
            + " must have: opens "
            + found.getPackageName()
            + " to "
            + (library.isNamed() ? library.getName() : "ALL-UNNAMED")
            + ";";
  }
}
