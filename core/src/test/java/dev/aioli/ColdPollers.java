package dev.aioli;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Main classes for a cold JVM: the first socket wait of all happens in a task, the loop ends, then
 * an ordinary virtual thread waits for a socket. Prints "works" or "hangs".
 */
final class ColdPollers {
  private ColdPollers() {}

  /** With Aioli's loop. */
  static final class WithLoop {
    public static void main(String[] args) throws Exception {
      Asyncio.run(ColdPollers::acceptOne);
      report();
    }
  }

  /** The same with a scheduler that does nothing about it: shows that the test can fail. */
  static final class WithoutGuard {
    public static void main(String[] args) throws Exception {
      LinkedBlockingQueue<Runnable> continuations = new LinkedBlockingQueue<>();
      Constructor<?> constructor =
          Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
              .getDeclaredConstructor(Executor.class);
      constructor.setAccessible(true);
      Executor scheduler = continuations::add;
      Thread task =
          ((Thread.Builder.OfVirtual) constructor.newInstance(scheduler))
              .start(() -> {
                try {
                  acceptOne();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      while (task.isAlive()) {
        continuations.take().run();
      }
      report();
    }
  }

  private static void report() throws InterruptedException {
    Thread other =
        Thread.ofVirtual()
            .start(() -> {
              try {
                acceptOne();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    other.join(3_000);
    System.out.println(other.isAlive() ? "hangs" : "works");
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  private static void acceptOne() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread client =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  Thread.sleep(100); // so that accept has to wait
                  new Socket(server.getInetAddress(), server.getLocalPort()).close();
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      server.accept().close();
      client.interrupt();
    }
  }
}
