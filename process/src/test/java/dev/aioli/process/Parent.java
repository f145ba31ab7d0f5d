package dev.aioli.process;

import java.util.concurrent.CountDownLatch;

/**
 * A program with a pool, for a JVM of its own. Its argument says what becomes of it: {@code ok}
 * prints a result and ends, {@code hang} has two jobs that print their process ids and never end,
 * {@code exit} has the same and ends without closing the pool. {@code module} and {@code property}
 * print whether a worker has the module, or the value that the property has there, {@code failure}
 * why no job can be run, and {@code start} the process id of a worker, to be killed at once.
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
    switch (arguments[0]) {
      case "module", "property", "failure" -> {
        ask(pool, arguments);
        pool.close();
        return;
      }
      case "start" -> haltWhileAWorkerStarts();
      default -> {}
    }
    pool.submit(() -> Jobs.blockForEver());
    pool.submit(() -> Jobs.blockForEver());
    if (arguments[0].equals("exit")) {
      System.in.read();
      System.exit(0);
    }
    new CountDownLatch(1).await();
  }

  private static void ask(ProcessPoolExecutor pool, String[] arguments) throws Exception {
    String last = arguments[arguments.length - 1];
    switch (arguments[0]) {
      case "module" ->
          System.out.println(
              pool.submit(() -> ModuleLayer.boot().findModule(last).isPresent()).get());
      case "property" -> System.out.println(pool.submit(() -> System.getProperty(last)).get());
      default -> System.out.println(pool.submit(() -> 1).handle((result, error) -> error).get());
    }
  }

  /** As {@code kill -9} in that moment. */
  private static void haltWhileAWorkerStarts() {
    ScarceHost host =
        new ScarceHost()
            .afterStart(process -> {
              System.out.println(process.pid());
              System.out.flush();
              Runtime.getRuntime().halt(137);
            });
    ProcessPoolExecutor.builder().size(1).build(host).submit(() -> 1).join();
  }
}
