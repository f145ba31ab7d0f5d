package dev.aioli.net;

import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.security.CodeSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells who brings an older Netty along, as the BOMs of frameworks do, before a class is missing
 * somewhere deep inside.
 */
final class NettyVersion {
  /*
   * Who comes here may have a Netty without the classes that we are made of. So NettyPoller and those
   * who call it must be such that the JVM can verify them without loading one: where it had to see
   * whether a class of ours is one of Netty's, the conversion is in that class (LoopExecutor.group).
   * NettyVersionTest has a Netty without them.
   */

  /** Where HttpDecoderConfig.setUseRfc9112TransferEncoding began, the youngest of what we call. */
  static final String EXPECTED = "4.2.13";

  /** That of our POM, to be set. */
  static final String TESTED = "4.2.18.Final";

  /** The heart of 4.2, which no 4.1 has: for archives that do not say their version. */
  private static final String ONLY_IN_EXPECTED = "io.netty.channel.IoEventLoop";

  /**
   * A small class of each archive, since a BOM may pin some only. Those of HTTP need not be there.
   */
  private static final List<String> ONE_OF_EACH =
      List.of(
          "io.netty.util.AttributeKey",
          "io.netty.buffer.ByteBufHolder",
          "io.netty.channel.ChannelException",
          "io.netty.handler.codec.DecoderException",
          "io.netty.handler.timeout.TimeoutException",
          "io.netty.handler.codec.http.HttpConstants",
          "io.netty.handler.codec.http2.Http2Error");

  private static volatile boolean checked;

  private NettyVersion() {}

  /**
   * Does nothing the second time.
   *
   * @throws IllegalStateException if Netty is too old
   */
  static void check() {
    if (checked) {
      return;
    }
    for (String name : ONE_OF_EACH) {
      Class<?> type = find(name);
      String version = type == null ? null : version(type);
      if (type != null && version != null && isOlder(version)) {
        throw tooOld(version, type);
      }
    }
    Class<?> channels = find("io.netty.channel.ChannelException");
    if (channels != null && find(ONLY_IN_EXPECTED) == null) {
      throw tooOld("an older one", channels);
    }
    checked = true;
  }

  /** Whether a version is before the expected one. What is no version is not. */
  static boolean isOlder(String version) {
    try {
      return ModuleDescriptor.Version.parse(version)
              .compareTo(ModuleDescriptor.Version.parse(EXPECTED))
          < 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static IllegalStateException tooOld(String found, Class<?> type) {
    return new IllegalStateException(
        "Aioli needs Netty "
            + EXPECTED
            + " or newer, found "
            + found
            + " in "
            + place(type)
            + "; set netty.version to "
            + TESTED
            + ", or import dev.aioli:aioli-bom before the BOM that pins the older one");
  }

  /** Loads a class without initializing it; null if there is none. */
  private static @Nullable Class<?> find(String name) {
    try {
      return Class.forName(name, false, NettyVersion.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }

  /** From the manifest on a class path, from the descriptor on a module path. */
  private static @Nullable String version(Class<?> type) {
    String version = type.getPackage().getImplementationVersion();
    ModuleDescriptor module = type.getModule().getDescriptor();
    return version != null || module == null ? version : module.rawVersion().orElse(null);
  }

  private static String place(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    URL location = source == null ? null : source.getLocation();
    return location == null ? "an unknown place" : location.toString();
  }
}
