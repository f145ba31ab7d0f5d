package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calls that the tests of this module cannot make: it has neither drivers nor other modules. */
class BlockingCallTest {
  /** A stack from "class.method" frames, innermost first. */
  private static List<StackTraceElement> stack(String frames) {
    return Arrays.stream(frames.split(" "))
        .map(frame -> {
          int dot = frame.lastIndexOf('.');
          return new StackTraceElement(
              frame.substring(0, dot), frame.substring(dot + 1), "X.java", 1);
        })
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "jdk.internal.net.http.HttpClientFacade.send, await its sendAsync",
    "java.net.InetAddress.getByName, Asyncio.toThread",
    "java.net.Socket.connect, blocking(...)",
    "java.net.HttpURLConnection.getResponseCode, blocking(...)",
    "sun.net.www.protocol.http.HttpURLConnection.getInputStream, blocking(...)",
    "sun.security.ssl.SSLSocketImpl$AppInputStream.read, blocking(...)",
    "java.net.URL.openStream, blocking(...)",
    "java.net.Socket$SocketInputStream.read, blocking(...)",
    "sun.nio.ch.SocketChannelImpl.read, blocking(...)",
    "sun.nio.ch.FileChannelImpl.read, Asyncio.toThread",
    "sun.nio.ch.SelectorImpl.select, blocking(...)",
    "java.io.FileInputStream.read, Asyncio.toThread",
    "java.io.RandomAccessFile.read, Asyncio.toThread",
    "java.nio.file.Files.readString, Asyncio.toThread",
    "java.lang.ProcessImpl.waitFor, Process.onExit()",
    "java.lang.ProcessBuilder.start, Asyncio.toThread",
    "java.util.concurrent.ThreadPoolExecutor.awaitTermination, runInExecutor",
    "java.util.concurrent.ForkJoinTask.join, runInExecutor",
    "java.util.concurrent.locks.StampedLock.readLock, dev.aioli.sync.Lock",
    "java.util.concurrent.locks.ReentrantReadWriteLock$WriteLock.lock, dev.aioli.sync.Lock",
    "java.util.concurrent.ArrayBlockingQueue.put, dev.aioli.queue.Queue",
    "java.util.concurrent.Phaser.arriveAndAwaitAdvance, dev.aioli.sync.Barrier",
  })
  void callIsKnown(String call, String instead) {
    BlockingCall found =
        BlockingCall.in(stack("jdk.internal.misc.Unsafe.park " + call + " com.example.App.main"));
    assertThat(found).isNotNull();
    assertThat(found.name()).isEqualTo(call);
    assertThat(found.instead()).contains(instead);
  }

  @ParameterizedTest
  @CsvSource({
    "org.postgresql.jdbc.PgStatement.executeQuery",
    "com.mysql.cj.jdbc.ConnectionImpl.prepareStatement",
    "oracle.jdbc.driver.T4CPreparedStatement.executeForRows",
    "java.sql.DriverManager.getConnection",
  })
  void driverOfADatabaseIsKnown(String call) {
    BlockingCall found =
        BlockingCall.in(stack("sun.nio.ch.NioSocketImpl.read " + call + " com.example.App.main"));
    assertThat(found).isNotNull();
    assertThat(found.name()).isEqualTo(call);
    assertThat(found.instead()).contains("blocking(...)");
  }

  @ParameterizedTest
  @CsvSource({
    "com.example.App.compute", // it runs itself
    "java.util.HashMap.put com.example.App.compute",
    "java.util.concurrent.ConcurrentLinkedQueue.peek com.example.App.compute",
    "java.net.URI.<init> com.example.App.compute",
    "java.net.URL.<init> com.example.App.compute",
    "java.net.URLEncoder.encode com.example.App.compute",
    "sun.security.ssl.SSLEngineImpl.unwrap com.example.App.compute",
    "java.util.HashMap.get com.example.App.compute java.lang.Thread.sleep", // not on top
  })
  void computationIsNone(String frames) {
    assertThat(BlockingCall.in(stack(frames))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "RUNNABLE, java.io.RandomAccessFile.read jdk.internal.loader.URLClassPath$JarLoader.getResource"
        + " jdk.internal.loader.BuiltinClassLoader.loadClass java.lang.ClassLoader.loadClass",
    "BLOCKED, java.lang.ClassLoader.loadClass",
    "RUNNABLE, jdk.internal.loader.NativeLibraries.load java.lang.System.loadLibrary",
  })
  void loadingIsNoMistakeOfTheProgram(Thread.State state, String frames) {
    List<StackTraceElement> stack = stack(frames + " com.example.App.main");
    assertThat(new BlockedStep("it", "the loop", 1, state, stack, false).report())
        .contains("It loads classes, as the first use of a library does")
        .doesNotContain("blocks the event loop", "synchronized");
  }

  @Test
  void readingAResourceIsNoLoading() {
    List<StackTraceElement> stack =
        stack(
            "java.io.FileInputStream.read java.lang.ClassLoader.getResource com.example.App.main");
    assertThat(new BlockedStep("it", "the loop", 1, Thread.State.RUNNABLE, stack, false).report())
        .contains("java.io.FileInputStream.read blocks the event loop");
  }
}
