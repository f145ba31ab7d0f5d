package dev.aioli.process;

import java.util.concurrent.CountDownLatch;

/**
 * A program with a pool, for a JVM of its own. Its argument says what becomes of it: {@code ok}
 * prints a result and ends, {@code hang} has two jobs that print their process ids and never end,
 * {@code exit} has the same and ends without closing the pool.
 */
final class Parent {
  private Parent() {}

  public static void main(String[] arguments) throws Exception {
    var pool = ProcessPoolExecutor.create(2);
    if (arguments[0].equals("ok")) {
      String captured = "grüß";
      System.out.println(pool.submit(() -> captured + " dich").get().equals("grüß dich"));
      System.out.println(pool.submit(() -> Parent.class.getModule().isNamed()).get());
      pool.close();
      return;
    }
    pool.submit(() -> Jobs.blockForEver());
    pool.submit(() -> Jobs.blockForEver());
    if (arguments[0].equals("exit")) {
      System.in.read();
      System.exit(0);
    }
    new CountDownLatch(1).await();
  }
}
