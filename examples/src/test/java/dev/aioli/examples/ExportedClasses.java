package dev.aioli.examples;

import dev.aioli.Asyncio;
import dev.aioli.http.Headers;
import dev.aioli.net.Streams;
import dev.aioli.process.ProcessPoolExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The public classes of Aioli's modules. */
final class ExportedClasses {
  private ExportedClasses() {}

  /** Those of all modules for users. */
  static Stream<Class<?>> all() {
    return Stream.of(Asyncio.class, Streams.class, Headers.class, ProcessPoolExecutor.class)
        .flatMap(ExportedClasses::of);
  }

  /** Of a module that may be a folder of classes or a jar. */
  private static Stream<Class<?>> of(Class<?> ofModule) {
    Module module = ofModule.getModule();
    Set<String> exported =
        module.getDescriptor().exports().stream()
            .filter(exports -> !exports.isQualified())
            .map(ModuleDescriptor.Exports::source)
            .collect(Collectors.toSet());
    ModuleReference reference =
        module.getLayer().configuration().findModule(module.getName()).orElseThrow().reference();
    try (ModuleReader reader = reference.open();
        Stream<String> files = reader.list()) {
      return files
          .filter(file -> file.endsWith(".class") && file.contains("/"))
          .map(file -> file.substring(0, file.length() - ".class".length()).replace('/', '.'))
          .filter(name -> exported.contains(name.substring(0, name.lastIndexOf('.'))))
          .<Class<?>>map(ExportedClasses::load)
          .filter(type -> Modifier.isPublic(type.getModifiers()))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, ExportedClasses.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
