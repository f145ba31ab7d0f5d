package dev.aioli.http;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * JSON by Jackson 3, {@code tools.jackson.core:jackson-databind}: what is taken where it is there
 * and no other is chosen.
 */
public final class Jackson3Codec implements JsonCodec {
  private final ObjectMapper mapper;

  /** One with a mapper of your own. */
  public Jackson3Codec(@SuppressWarnings("exports") ObjectMapper mapper) {
    this.mapper = Objects.requireNonNull(mapper, "mapper");
  }

  @Override
  public byte[] write(@Nullable Object value) {
    try {
      return mapper.writeValueAsBytes(value);
    } catch (JacksonException e) {
      throw failed(e, value == null ? null : value.getClass());
    }
  }

  @Override
  public <T> @Nullable T read(byte[] json, Class<T> type) {
    try {
      return type == JsonNode.class
          ? type.cast(mapper.readTree(json)) // of no bytes a tree as well
          : mapper.readValue(json, type);
    } catch (JacksonException e) {
      throw failed(e, type);
    }
  }

  private JsonException failed(JacksonException e, @Nullable Class<?> type) {
    String hint = "";
    if (e instanceof DatabindException) {
      ClosedPackage closed = new ClosedPackage(ObjectMapper.class.getModule());
      closed.look(type);
      e.getPath().forEach(reference -> closed.look(reference.from()));
      hint = closed.hint();
    }
    return new JsonException(e.getOriginalMessage() + hint, e);
  }

  @Override
  public String toString() {
    return "Jackson3Codec[" + mapper.version() + "]";
  }
}
