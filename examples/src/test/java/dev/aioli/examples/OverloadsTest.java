package dev.aioli.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.http.Jackson2Codec;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Overloads that differ in nothing but that one takes a function with a result and the other one
 * without: the compiler must not leave the choice to the user, whatever the lambda looks like.
 */
class OverloadsTest {
  /** What stands behind the arrow. The only one that needs braces is a call without a result. */
  private static final Map<String, String> BODIES =
      Map.of(
          "throws", "{ throw new IllegalStateException(); }",
          "runs a statement", "{ Snippets.nothing(); }",
          "runs nothing", "{ }",
          "returns", "{ return null; }",
          "throws or returns", "{ if (Snippets.yes()) { return null; } throw new Error(); }",
          "is a value", "null",
          "calls for a value", "Snippets.value()");

  private static final String SNIPPETS =
      """
      final class Snippets {
        static void nothing() {}
        static boolean yes() { return true; }
        static <T> T value() { return null; }
      }
      """;

  @TempDir Path folder;

  /** Two methods of one name. */
  private record Pair(Method first, Method second) {
    boolean isTold() {
      if (!first.getName().equals(second.getName())
          || first.getParameterCount() != second.getParameterCount()) {
        return false;
      }
      boolean differ = false;
      for (int i = 0; i < first.getParameterCount(); i++) {
        Class<?> one = first.getParameterTypes()[i];
        Class<?> other = second.getParameterTypes()[i];
        if (one != other) {
          if (!areTwins(one, other)) {
            return false;
          }
          differ = true;
        }
      }
      return differ;
    }

    private static boolean areTwins(Class<?> one, Class<?> other) {
      Method first = functionOf(one);
      Method second = functionOf(other);
      return first != null
          && second != null
          && first.getParameterCount() == second.getParameterCount()
          && (first.getReturnType() == void.class) != (second.getReturnType() == void.class);
    }

    /** A call of one of them with such a lambda, as a class. */
    String source(String className, String body) {
      List<String> parameters = new ArrayList<>();
      List<String> arguments = new ArrayList<>();
      for (int i = 0; i < first.getParameterCount(); i++) {
        Class<?> one = first.getParameterTypes()[i];
        if (one == second.getParameterTypes()[i]) {
          parameters.add(typeName(one) + " p" + i);
          arguments.add("p" + i);
        } else {
          arguments.add(lambda(functionOf(one), body));
        }
      }
      Class<?> owner = first.getDeclaringClass();
      parameters.add(typeName(owner) + " receiver");
      String receiver =
          Modifier.isStatic(first.getModifiers()) ? owner.getCanonicalName() : "receiver";
      return "final class %s { void call(%s) throws Exception { %s.%s(%s); } }"
          .formatted(
              className,
              String.join(", ", parameters),
              receiver,
              first.getName(),
              String.join(", ", arguments));
    }

    private static String typeName(Class<?> type) {
      int variables = type.getTypeParameters().length;
      return type.getCanonicalName()
          + (variables == 0
              ? ""
              : IntStream.range(0, variables)
                  .mapToObj(_ -> "?")
                  .collect(Collectors.joining(", ", "<", ">")));
    }

    private static String lambda(Method function, String body) {
      String names =
          IntStream.range(0, function.getParameterCount())
              .mapToObj(i -> "x" + i)
              .collect(Collectors.joining(", "));
      return "(" + names + ") -> " + body;
    }

    @Override
    public String toString() {
      return first.getDeclaringClass().getSimpleName()
          + "."
          + first.getName()
          + Arrays.stream(first.getParameters())
              .map(Parameter::getType)
              .map(Class::getSimpleName)
              .collect(Collectors.joining(", ", "(", ")"));
    }
  }

  /** The one abstract method of a functional interface; null if it is none. */
  private static Method functionOf(Class<?> type) {
    if (!type.isInterface()) {
      return null;
    }
    List<Method> all =
        Arrays.stream(type.getMethods())
            .filter(method -> Modifier.isAbstract(method.getModifiers()))
            .toList();
    return all.size() == 1 ? all.getFirst() : null;
  }

  private static List<Pair> pairs() {
    return ExportedClasses.all()
        .filter(type -> !type.equals(Jackson2Codec.class)) // Jackson 2 is not here
        .flatMap(type -> {
          List<Method> methods =
              Arrays.stream(type.getDeclaredMethods())
                  .filter(method -> Modifier.isPublic(method.getModifiers()))
                  .filter(method -> !method.isSynthetic())
                  .toList();
          return IntStream.range(0, methods.size())
              .boxed()
              .flatMap(i ->
                  methods.subList(i + 1, methods.size()).stream()
                      .map(other -> new Pair(methods.get(i), other)));
        })
        .filter(Pair::isTold)
        .toList();
  }

  @Test
  void compilerChoosesForEachKindOfLambda() throws IOException {
    Map<String, String> callsByFile = new TreeMap<>();
    List<Pair> pairs = pairs();
    Files.writeString(folder.resolve("Snippets.java"), SNIPPETS);
    for (int i = 0; i < pairs.size(); i++) {
      int number = 0;
      for (Map.Entry<String, String> body : BODIES.entrySet()) {
        String className = "Pair" + i + "Body" + number++;
        String source = pairs.get(i).source(className, body.getValue());
        Files.writeString(folder.resolve(className + ".java"), source);
        callsByFile.put(className + ".java", pairs.get(i) + ": " + body.getKey());
      }
    }
    assertThat(pairs).extracting(pair -> pair.first().getName()).contains("taskGroup", "run");
    String output = compile(callsByFile.keySet().stream().toList());
    List<String> refused =
        callsByFile.entrySet().stream()
            .filter(call -> output.contains(call.getKey() + ":"))
            .map(Map.Entry::getValue)
            .sorted()
            .toList();
    assertThat(refused).as(output).isEmpty();
  }

  private String compile(List<String> files) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-proc:none", "-Xmaxerrs", "100000", "-nowarn"));
    arguments.addAll(List.of("-cp", classPath(), "-d", folder.resolve("classes").toString()));
    Stream.concat(files.stream(), Stream.of("Snippets.java"))
        .map(file -> folder.resolve(file).toString())
        .forEach(arguments::add);
    StringWriter output = new StringWriter();
    PrintWriter printer = new PrintWriter(output);
    ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
    javac.run(printer, printer, arguments.toArray(String[]::new));
    return output.toString();
  }

  private static String classPath() {
    Stream<String> modules =
        ModuleLayer.boot().configuration().modules().stream()
            .flatMap(module -> module.reference().location().stream())
            .filter(location -> location.getScheme().equals("file"))
            .map(location -> Path.of(location).toString());
    return Stream.concat(modules, Stream.of(System.getProperty("java.class.path")))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
