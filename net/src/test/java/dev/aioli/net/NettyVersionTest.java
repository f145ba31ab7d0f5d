package dev.aioli.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.EventLoop;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NettyVersionTest {
  /** What no Netty 4.1 has, of what we name. */
  private static final Set<String> ONLY_IN_4_2 =
      Set.of(
          "io.netty.channel.IoEventLoop",
          "io.netty.channel.IoEventLoopGroup",
          "io.netty.channel.IoHandle",
          "io.netty.channel.IoHandler",
          "io.netty.channel.IoHandlerContext",
          "io.netty.channel.IoHandlerFactory",
          "io.netty.channel.IoOps",
          "io.netty.channel.IoRegistration",
          "io.netty.channel.epoll.EpollIoHandler",
          "io.netty.channel.kqueue.KQueueIoHandler",
          "io.netty.channel.nio.NioIoHandler",
          "io.netty.channel.socket.nio.NioDomainSocketChannel");

  /** Loads our classes of net, and those of Netty, a second time: as a user's BOM chose them. */
  private static final class OtherNetty extends ClassLoader {
    private final Predicate<String> missing;
    private final @Nullable String version;
    private final String ofPackage;

    /** A version of null is none in the manifests. */
    OtherNetty(Predicate<String> missing, @Nullable String version, String ofPackage) {
      super(NettyVersionTest.class.getClassLoader());
      this.missing = missing;
      this.version = version;
      this.ofPackage = ofPackage;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("io.netty.") && !name.startsWith("dev.aioli.net.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : define(name);
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      if (missing.test(name)) {
        throw new ClassNotFoundException(name);
      }
      String inPackage = name.substring(0, name.lastIndexOf('.'));
      String ofJar = inPackage.startsWith(ofPackage) ? version : "4.2.99.Final";
      if (getDefinedPackage(inPackage) == null) {
        definePackage(inPackage, null, null, null, null, ofJar, null, null);
      }
      try (InputStream code = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (code == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] bytes = code.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  /** Asks for a loop's poller with another Netty; a handle resolves this one method only. */
  private static void askForPoller(OtherNetty netty) throws Throwable {
    Class<?> poller = netty.loadClass("dev.aioli.net.NettyPoller");
    MethodHandle of =
        MethodHandles.publicLookup()
            .findStatic(poller, "of", MethodType.methodType(poller, EventLoop.class));
    EventLoop loop = EventLoop.newEventLoop();
    try {
      of.invoke(loop);
    } finally {
      loop.close();
    }
  }

  @Test
  void olderNettyIsToldWithItsVersionItsPlaceAndTheWayOut() {
    OtherNetty netty = new OtherNetty(ONLY_IN_4_2::contains, "4.1.128.Final", "io.netty");
    assertThatThrownBy(() -> askForPoller(netty))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Aioli needs Netty 4.2.13 or newer, found 4.1.128.Final in an unknown place; set"
                + " netty.version to %s, or import dev.aioli:aioli-bom before the BOM that pins the"
                + " older one",
            NettyVersion.TESTED);
  }

  @Test
  void olderNettyThatDoesNotSayItsVersionIsTold() {
    OtherNetty netty = new OtherNetty(ONLY_IN_4_2::contains, null, "io.netty");
    assertThatThrownBy(() -> askForPoller(netty))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("found an older one in ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"io.netty.util", "io.netty.buffer", "io.netty.handler.timeout"})
  void oneOldArchiveAmongNewOnesIsTold(String ofPackage) {
    OtherNetty netty = new OtherNetty(name -> false, "4.1.133.Final", ofPackage);
    assertThatThrownBy(() -> askForPoller(netty))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("found 4.1.133.Final");
  }

  /** Micronaut 4.10.12 pins it. It has all classes, but not all methods. */
  @Test
  void earlyNettyOfTheSameLineIsTold() {
    OtherNetty netty = new OtherNetty(name -> false, "4.2.12.Final", "io.netty");
    assertThatThrownBy(() -> askForPoller(netty))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("needs Netty 4.2.13 or newer, found 4.2.12.Final");
  }

  /** Without a poller: that would load Netty's native library, which serves one loader only. */
  @Test
  void newerNettyIsTaken() throws Exception {
    OtherNetty netty = new OtherNetty(name -> false, "4.3.0.Final", "io.netty");
    Method check = netty.loadClass(NettyVersion.class.getName()).getDeclaredMethod("check");
    check.setAccessible(true);
    assertThatCode(() -> check.invoke(null)).doesNotThrowAnyException();
  }

  @Test
  void nettyOfThisBuildIsTaken() {
    NettyVersion.check();
    NettyVersion.check();
  }

  @Test
  void versionsAreComparedAsNumbers() {
    assertThat(NettyVersion.isOlder("4.1.128.Final")).isTrue();
    assertThat(NettyVersion.isOlder("4.0.9.Final")).isTrue();
    assertThat(NettyVersion.isOlder("4.2.9.Final")).isTrue();
    assertThat(NettyVersion.isOlder("4.2.13.Final")).isFalse();
    assertThat(NettyVersion.isOlder("4.10.1.Final")).isFalse();
    assertThat(NettyVersion.isOlder("5.0.0.Alpha2")).isFalse();
    assertThat(NettyVersion.isOlder("unknown")).isFalse();
  }

  @Test
  void adviceIsTheVersionOfOurPomAlsoInTheGuide() throws IOException {
    assertThat(Files.readString(Path.of("..", "pom.xml")))
        .contains("<netty.version>" + NettyVersion.TESTED + "</netty.version>");
    assertThat(Files.readString(Path.of("..", "docs", "guide", "getting-started.md")))
        .containsPattern("set netty.version to\\s" + NettyVersion.TESTED);
  }
}
