package dev.aioli.http.json;

import dev.aioli.ContextVar;
import dev.aioli.http.Jackson2Codec;
import dev.aioli.http.Jackson3Codec;
import dev.aioli.http.JsonCodec;
import dev.aioli.http.JsonException;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.security.CodeSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Finds the codec for JSON where none is chosen, and says what to do where there is none. */
public final class Json {
  /*
   * Jackson need not be there, so nothing of it may be named where it is linked before it is known to
   * be: what makes a mapper is in classes of its own, which are loaded when they are needed.
   */
  private static final String JACKSON_3 = "tools.jackson.databind.json.JsonMapper";
  private static final String JACKSON_2 = "com.fasterxml.jackson.databind.ObjectMapper";

  /** What Jackson 3.2 needs of the annotations, which are of Jackson 2; of 2.21. */
  private static final String NEWEST_ANNOTATION =
      "com.fasterxml.jackson.annotation.JsonSerializeAs";

  /** The codec of the server whose request is being handled, if it has one of its own. */
  private static final ContextVar<JsonCodec> OF_THE_SERVER =
      new ContextVar<>("dev.aioli.http.json");

  private static volatile @Nullable JsonCodec found;

  private Json() {}

  private static final class Jackson3 {
    static JsonCodec codec() {
      return new Jackson3Codec(tools.jackson.databind.json.JsonMapper.shared());
    }

    static JsonNode tree(JsonCodec codec, byte[] json) {
      return Objects.requireNonNull(codec.read(json, JsonNode.class));
    }
  }

  private static final class Jackson2 {
    static JsonCodec codec() {
      return new Jackson2Codec(new com.fasterxml.jackson.databind.ObjectMapper());
    }
  }

  /** Has a codec used by the rest of this task, and by those that it makes. */
  public static void useFromHere(JsonCodec codec) {
    var _ = OF_THE_SERVER.set(codec);
  }

  /**
   * The codec of the server whose request is being handled; that of {@link #orDefault} elsewhere.
   */
  public static JsonCodec ofTheServer() {
    return orDefault(OF_THE_SERVER.getOrDefault(null));
  }

  /**
   * The codec that was chosen, else Jackson 3, else Jackson 2.
   *
   * @throws IllegalStateException if there is none
   */
  public static JsonCodec orDefault(@Nullable JsonCodec chosen) {
    JsonCodec codec = chosen == null ? found : chosen;
    if (codec == null) {
      codec = find();
      found = codec;
    }
    return codec;
  }

  /**
   * The tree that JSON is, of Jackson 3.
   *
   * @throws JsonException if it is not JSON
   * @throws IllegalStateException if Jackson 3 is not there or not what is used
   */
  public static JsonNode tree(@Nullable JsonCodec chosen, byte[] json) {
    JsonCodec codec = orDefault(chosen);
    if (!(codec instanceof Jackson3Codec)) {
      throw new IllegalStateException(
          "json() expects Jackson 3, found "
              + codec
              + "; call json(Class), with JsonNode.class for the tree of Jackson 2");
    }
    return Jackson3.tree(codec, json);
  }

  private static JsonCodec find() {
    Class<?> jackson3 = load(JACKSON_3);
    if (jackson3 != null) {
      checkAnnotations(jackson3);
      return Jackson3.codec();
    }
    if (load(JACKSON_2) != null) {
      return Jackson2.codec();
    }
    throw new IllegalStateException(
        "expected a JsonCodec, found neither tools.jackson.databind nor"
            + " com.fasterxml.jackson.databind; add tools.jackson.core:jackson-databind (on a module"
            + " path also `requires tools.jackson.databind`), or give json(codec) to the builder");
  }

  private static void checkAnnotations(Class<?> jackson3) {
    Class<?> annotation = load("com.fasterxml.jackson.annotation.JsonProperty");
    if (load(NEWEST_ANNOTATION) == null) {
      throw new IllegalStateException(
          "Jackson "
              + version(jackson3)
              + " needs com.fasterxml.jackson.core:jackson-annotations 2.21 or newer, found "
              + (annotation == null ? "none" : version(annotation) + " in " + place(annotation))
              + "; set jackson-bom.version to 2.21.0 or newer, or import dev.aioli:aioli-bom before"
              + " the BOM that pins the older one; or give json(codec) to the builder, with a"
              + " Jackson2Codec");
    }
  }

  /** Loads a class without initializing it; null if there is none. */
  private static @Nullable Class<?> load(String name) {
    try {
      return Class.forName(name, false, Json.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }

  private static String version(Class<?> type) {
    ModuleDescriptor module = type.getModule().getDescriptor();
    String version =
        module == null
            ? type.getPackage().getImplementationVersion()
            : module.rawVersion().orElse(null);
    return version == null ? "of an unknown version" : version;
  }

  private static String place(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    URL location = source == null ? null : source.getLocation();
    return location == null ? "an unknown place" : location.toString();
  }
}
