package dev.aioli;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A call of the JDK, or of a JDBC driver, that blocks its thread.
 *
 * @param name class and method
 * @param instead what does not block a loop
 */
record BlockingCall(String name, String instead) {
  private static final String OR_BLOCKING = ", or call it inside Asyncio.blocking(...)";
  private static final String BLOCKING = "call it inside Asyncio.blocking(...)";
  private static final String TO_THREAD = "move it to Asyncio.toThread, or runInExecutor";

  private static final Pattern OF_THE_JDK = Pattern.compile("(java|javax|jdk|sun|com\\.sun)\\..*");
  private static final Pattern OF_JDBC = Pattern.compile("(java\\.sql\\..*|.*\\.jdbc.*)");

  private static final Pattern LOADING =
      Pattern.compile(
          "(java\\.lang\\.ClassLoader|jdk\\.internal\\.loader\\.[\\w$]+)"
              + "\\.(loadClass|loadLibrary|load|define).*");

  /** What the calls of this pattern, as class and method, have in their place. */
  private record Rule(Pattern call, String instead) {
    static Rule of(String call, String instead) {
      return new Rule(Pattern.compile(call), instead);
    }
  }

  private static final String JUC = "java\\.util\\.concurrent\\.";

  private static final List<Rule> RULES =
      List.of(
          Rule.of("java\\.lang\\.Thread\\.sleep", "use Asyncio.sleep"),
          Rule.of("java\\.util\\.concurrent\\.TimeUnit\\.sleep", "use Asyncio.sleep"),
          Rule.of("java\\.lang\\.(Thread|ThreadImpl)\\.join", BLOCKING),
          Rule.of(
              "java\\.lang\\.Object\\.wait0?",
              "use dev.aioli.sync.Condition or Event" + OR_BLOCKING),
          Rule.of(
              JUC + "Semaphore\\.(tryA|a)cquire.*", "use dev.aioli.sync.Semaphore" + OR_BLOCKING),
          Rule.of(
              JUC + "locks\\..*Condition.*\\.await.*",
              "use dev.aioli.sync.Condition" + OR_BLOCKING),
          Rule.of(
              JUC + "locks\\..*\\.((try|read|write)?[lL]ock.*|try.*Lock|acquire.*)",
              "use dev.aioli.sync.Lock" + OR_BLOCKING),
          Rule.of(JUC + "CountDownLatch\\.await", "use dev.aioli.sync.Event" + OR_BLOCKING),
          Rule.of(
              JUC + "(CyclicBarrier|Phaser)\\..*[aA]wait.*",
              "use dev.aioli.sync.Barrier" + OR_BLOCKING),
          Rule.of(JUC + "Exchanger\\.exchange", "use dev.aioli.queue.Queue" + OR_BLOCKING),
          Rule.of(
              JUC + "\\w*(Queue|Deque)\\.(put|take|offer|poll|transfer|tryTransfer).*",
              "use dev.aioli.queue.Queue" + OR_BLOCKING),
          Rule.of(
              JUC + "CompletableFuture\\.(get|join)",
              "use Asyncio.await, which takes a CompletionStage" + OR_BLOCKING),
          Rule.of(
              JUC + "(\\w*Task|\\w*Future)\\.(get|join|invoke)",
              "use Asyncio.runInExecutor and await its future" + OR_BLOCKING),
          Rule.of(
              JUC
                  + "\\w*(Executor|Pool|Service|Scope)\\w*\\.(invoke.*|await.*|close|join|take|poll)",
              "use Asyncio.runInExecutor and await its future" + OR_BLOCKING),
          Rule.of(
              "(java\\.net\\.http|jdk\\.internal\\.net\\.http)\\.HttpClient\\w*\\.send",
              "await its sendAsync, or use an asynchronous client" + OR_BLOCKING),
          Rule.of("java\\.lang\\.Process\\w*\\.waitFor", "await Process.onExit()" + OR_BLOCKING),
          Rule.of("java\\.lang\\.Process\\w*\\.start", TO_THREAD),
          Rule.of("java\\.net\\.Inet\\w+\\..*", TO_THREAD),
          Rule.of("java\\.lang\\.Process\\w*[.$].*", BLOCKING),
          Rule.of(
              "(java\\.net\\.\\w*(Socket|URLConnection)"
                  + "|sun\\.net\\.www\\.protocol\\..*URLConnection"
                  + "|sun\\.(nio\\.ch|security\\.ssl)\\.\\w*(Socket|Datagram))\\w*[.$].*",
              BLOCKING),
          Rule.of("java\\.net\\.URL\\.(openStream|getContent)", BLOCKING),
          Rule.of("java\\.nio\\.channels\\.(Selector|\\w*Socket\\w*|Datagram\\w*)\\..*", BLOCKING),
          Rule.of("sun\\.nio\\.ch\\.\\w*Selector\\w*\\..*", BLOCKING),
          Rule.of("java\\.nio\\.(file|channels)\\..*", TO_THREAD),
          Rule.of("sun\\.nio\\.(fs|ch)\\..*", TO_THREAD),
          Rule.of("java\\.io\\.\\w*(File|Console)\\w*\\..*", TO_THREAD));

  /** The blocking call in which a thread with this stack is, if it is a known one. */
  static @Nullable BlockingCall in(List<StackTraceElement> stack) {
    int depth = depthOfTheJdk(stack);
    if (depth == 0) {
      return null;
    }
    for (StackTraceElement frame : stack) {
      if (matches(OF_JDBC, frame.getClassName())) {
        return new BlockingCall(name(frame), BLOCKING);
      }
    }
    for (int i = depth - 1; i >= 0; i--) { // the outermost is what the program called
      String name = name(stack.get(i));
      for (Rule rule : RULES) {
        if (matches(rule.call(), name)) {
          return new BlockingCall(name, rule.instead());
        }
      }
    }
    return null;
  }

  /** Whether a thread with this stack is loading a class or a native library. */
  static boolean isLoading(List<StackTraceElement> stack) {
    return stack.stream()
        .limit(depthOfTheJdk(stack))
        .anyMatch(frame -> matches(LOADING, name(frame)));
  }

  /** How many frames of the JDK are on top of those of the program. */
  private static int depthOfTheJdk(List<StackTraceElement> stack) {
    int depth = 0;
    while (depth < stack.size() && matches(OF_THE_JDK, stack.get(depth).getClassName())) {
      depth++;
    }
    return depth;
  }

  private static String name(StackTraceElement frame) {
    return frame.getClassName() + "." + frame.getMethodName();
  }

  private static boolean matches(Pattern pattern, String text) {
    return pattern.matcher(text).matches();
  }
}
