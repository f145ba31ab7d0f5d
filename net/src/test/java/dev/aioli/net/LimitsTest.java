package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.aioli.ExceptionContext;
import dev.aioli.Future;
import dev.aioli.sync.Semaphore;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.internal.InternalThreadLocalMap;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What happens where the system's limits are, and what a run leaves behind. */
@ExtendWith(NoLeak.class)
@EnabledOnOs(OS.LINUX) // its /proc
class LimitsTest {
  private static final String LOOPBACK = "127.0.0.1";

  private static long openDescriptors() {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long maxDescriptors() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/limits")).stream()
        .filter(line -> line.startsWith("Max open files"))
        .mapToLong(line -> Long.parseLong(line.split("\\s+")[3]))
        .findFirst()
        .orElseThrow();
  }

  private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] line : reader) {
        writer.write(line);
      }
    }
  }

  @Test
  void hundredsOfRunsLeakNoDescriptor() {
    long before = 0;
    for (int round = 0; round < 300; round++) {
      if (round == 20) {
        before = openDescriptors();
      }
      run(() -> {
        Server server = Streams.startServer(LimitsTest::echo, LOOPBACK, 0);
        DatagramEndpoint.open(DatagramOptions.DEFAULT);
        Connection client = Streams.openConnection(LOOPBACK, server.port());
        client.writer().write(new byte[] {'\n'});
        assertThat(client.reader().readline()).hasSize(1);
        // nothing is closed
      });
    }
    assertThat(openDescriptors()).isLessThan(before + 20);
  }

  @Test
  void tasksLeaveNothingInNettysThreadLocals() {
    run(() -> {
      try (Server server = Streams.startServer(LimitsTest::echo, LOOPBACK, 0)) {
        List<Boolean> found = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          createTask(
                  () -> {
                    try (Connection client = Streams.openConnection(LOOPBACK, server.port())) {
                      client.writer().write(new byte[] {'\n'});
                      client.writer().drain();
                      client.reader().readline();
                    }
                    found.add(InternalThreadLocalMap.getIfSet() != null);
                  })
              .await();
        }
        assertThat(found).hasSize(20).containsOnly(false);
      }
    });
  }

  @Test
  void tenThousandIdleConnections() throws IOException {
    int count = 10_000;
    if (maxDescriptors() < 2L * count + 500) {
      count = (int) (maxDescriptors() - 500) / 2;
      System.err.println(
          "NOT ALL of 10,000 connections: "
              + maxDescriptors()
              + " file descriptors allow "
              + count
              + " here; raise `ulimit -n`");
    }
    if (count < 100) {
      abort("too few file descriptors: " + maxDescriptors());
    }
    int wanted = count;
    run(() -> {
      try (Server server =
          Streams.startServer(
              LimitsTest::echo, LOOPBACK, 0, ServerOptions.DEFAULT.withBacklog(1000))) {
        List<Connection> all = new ArrayList<>();
        Semaphore atATime = new Semaphore(100);
        List<Future<Connection>> opening = new ArrayList<>();
        for (int i = 0; i < wanted; i++) {
          opening.add(
              task(() -> {
                try (var permit = atATime.acquire()) {
                  return Streams.openConnection(LOOPBACK, server.port());
                }
              }));
        }
        for (var each : opening) {
          all.add(each.await());
        }
        assertThat(all).hasSize(wanted);
        for (Connection each : List.of(all.getFirst(), all.get(wanted / 2), all.getLast())) {
          each.writer().write("alive\n".getBytes(StandardCharsets.UTF_8));
          assertThat(each.reader().readline()).hasSize(6);
        }
        all.forEach(Connection::close);
        server.close();
        server.waitClosed();
      }
    });
  }

  /** In a JVM with few file descriptors: all are taken, then some are given back. */
  @Test
  void acceptingPausesWithoutDescriptorsAndGoesOn() throws Exception {
    assertThat(starved(Starved.class, Path.of("")))
        .contains("reported: socket.accept() failed")
        .contains("accepted all");
  }

  /** Nothing hangs, and the error says what to do. */
  @Test
  void everySocketThatCannotBeMadeIsAnErrorAtOnce(@TempDir Path folder) throws Exception {
    String output = starved(WithoutSockets.class, folder);
    for (String what : List.of("connect", "race", "listen", "datagram", "unix", "unix server")) {
      assertThat(output)
          .containsPattern(
              "(?m)^" + what + ": .*cannot open a socket: .*Too many open files.*ulimit -n");
    }
    assertThat(output).contains("connected again");
  }

  /** What a program prints in a JVM with 200 file descriptors. */
  private static String starved(Class<?> program, Path folder) throws Exception {
    Path binary = Path.of(System.getProperty("java.home"), "bin", "java");
    Process child =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "ulimit -n 200; exec \"$0\" \"$@\"",
                binary.toString(),
                "-cp",
                String.join(
                    File.pathSeparator,
                    "target/test-classes",
                    System.getProperty("java.class.path"),
                    System.getProperty("jdk.module.path", "")),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-MaxFDLimit",
                "-Ddev.aioli.engine=" + System.getProperty("dev.aioli.engine"),
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                program.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    child.onExit().orTimeout(60, TimeUnit.SECONDS).whenComplete((_, _) -> child.destroyForcibly());
    child.getOutputStream().close();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  /** The program of {@link #acceptingPausesWithoutDescriptorsAndGoesOn}. */
  static final class Starved {
    private Starved() {}

    public static void main(String[] args) {
      run(() -> timeout(Duration.ofSeconds(40), () -> starve()));
    }

    private static void starve() throws IOException {
      List<ExceptionContext> reported = new ArrayList<>();
      getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context));
      try (Server server = Streams.startServer(LimitsTest::echo, LOOPBACK, 0)) {
        loadOurClasses();
        askForALine(connected(SocketChannel.open(), server.port()));

        List<SocketChannel> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
          clients.add(SocketChannel.open());
        }
        List<Closeable> hoard = new ArrayList<>();
        try {
          while (true) {
            hoard.add(DatagramChannel.open());
          }
        } catch (IOException e) {
          IO.println("exhausted: " + e.getMessage());
        }
        for (SocketChannel client : clients) {
          connected(client, server.port());
        }
        while (reported.isEmpty()) {
          sleep(Duration.ofMillis(1));
        }
        for (Closeable each : hoard) {
          each.close();
        }
        IO.println("reported: " + reported.getFirst().message());
        for (SocketChannel client : clients) {
          askForALine(client);
        }
        IO.println("accepted all");
      }
    }

    /** From a folder that takes descriptors, and there will be none. */
    private static void loadOurClasses() throws IOException {
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        Path folder = Path.of(entry);
        if (Files.isDirectory(folder) && !folder.endsWith("test-classes")) {
          try (Stream<Path> files = Files.walk(folder.resolve("dev"))) {
            files
                .map(file -> folder.relativize(file).toString())
                .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                .forEach(Starved::load);
          }
        }
      }
    }

    private static void load(String file) {
      try {
        String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
        Class.forName(name, false, Starved.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new AssertionError(e);
      }
    }

    private static SocketChannel connected(SocketChannel client, int port) throws IOException {
      client.configureBlocking(false);
      client.connect(new InetSocketAddress(LOOPBACK, port));
      while (!client.finishConnect()) {
        sleep(Duration.ofMillis(1));
      }
      return client;
    }

    private static void askForALine(SocketChannel client) throws IOException {
      client.write(ByteBuffer.wrap(new byte[] {'\n'}));
      while (client.read(ByteBuffer.allocate(1)) == 0) {
        sleep(Duration.ofMillis(1));
      }
      client.close();
    }
  }

  /** The program of {@link #everySocketThatCannotBeMadeIsAnErrorAtOnce}. */
  static final class WithoutSockets {
    private WithoutSockets() {}

    private interface Door {
      AutoCloseable open() throws IOException;
    }

    public static void main(String[] args) {
      run(() -> timeout(Duration.ofSeconds(40), () -> starve(args[0])));
    }

    private static void starve(String folderName) throws IOException {
      Starved.loadOurClasses();
      Path folder = Path.of(folderName);
      Path path = folder.resolve("listening");
      try (Server server = Streams.startServer(LimitsTest::echo, LOOPBACK, 0);
          Server unixServer = Streams.startUnixServer(LimitsTest::echo, path)) {
        Map<String, Door> doors = new LinkedHashMap<>();
        doors.put("connect", () -> Streams.openConnection(LOOPBACK, server.port()));
        doors.put("race", () -> race(server.port()));
        doors.put("listen", () -> Streams.startServer(LimitsTest::echo, LOOPBACK, 0));
        doors.put("datagram", () -> DatagramEndpoint.open(DatagramOptions.DEFAULT));
        doors.put("unix", () -> Streams.openUnixConnection(path));
        Path other = folder.resolve("other");
        doors.put("unix server", () -> Streams.startUnixServer(LimitsTest::echo, other));
        doors.forEach(WithoutSockets::opens); // which loads what it takes

        List<Closeable> hoard = new ArrayList<>();
        doors.forEach((name, door) -> {
          do {
            takeAllDescriptors(hoard); // anew, since what was closed takes its time
          } while (opens(name, door));
        });
        for (Closeable each : hoard) {
          each.close();
        }
        Streams.openConnection(LOOPBACK, server.port()).close();
        IO.println("connected again");
        assertThat(unixServer.isServing()).isTrue();
      }
    }

    private static void takeAllDescriptors(List<Closeable> hoard) {
      try {
        while (true) {
          hoard.add(Files.newInputStream(Path.of("/dev/null")));
        }
      } catch (IOException e) {
        IO.println("exhausted: " + e.getMessage());
      }
    }

    private static AutoCloseable race(int port) throws IOException {
      NettyPoller poller = NettyPoller.of(getRunningLoop());
      InetSocketAddress address = new InetSocketAddress(LOOPBACK, port);
      Channel channel =
          new HappyEyeballs(poller, ConnectionOptions.DEFAULT, new ChannelInboundHandlerAdapter())
              .connect(List.of(address, new InetSocketAddress("127.0.0.2", port)));
      return () -> poller.close(channel);
    }

    private static boolean opens(String name, Door door) {
      try {
        door.open().close();
        sleep(Duration.ofMillis(1)); // it closes
        return true;
      } catch (Exception e) {
        IO.println(name + ": " + e);
        return false;
      }
    }
  }
}
