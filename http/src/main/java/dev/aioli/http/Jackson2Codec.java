package dev.aioli.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * JSON by Jackson 2, {@code com.fasterxml.jackson.core:jackson-databind}: what is taken where it is
 * there, Jackson 3 is not, and no other is chosen.
 *
 * <p>{@code json()}, which gives a tree of Jackson 3, does not go with it; {@code
 * json(JsonNode.class)} gives one of Jackson 2.
 */
public final class Jackson2Codec implements JsonCodec {
  private final ObjectMapper mapper;

  /** One with a mapper of your own, such as that of Spring Boot 3. */
  public Jackson2Codec(@SuppressWarnings("exports") ObjectMapper mapper) {
    this.mapper = Objects.requireNonNull(mapper, "mapper");
  }

  @Override
  public byte[] write(@Nullable Object value) {
    try {
      return mapper.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw failed(e, value == null ? null : value.getClass());
    }
  }

  @Override
  public <T> @Nullable T read(byte[] json, Class<T> type) {
    try {
      return type == JsonNode.class
          ? type.cast(mapper.readTree(json)) // of no bytes a tree as well
          : mapper.readValue(json, type);
    } catch (IOException e) {
      throw failed(e, type);
    }
  }

  private JsonException failed(IOException e, @Nullable Class<?> type) {
    String hint = "";
    if (e instanceof JsonMappingException mapping) {
      ClosedPackage closed = new ClosedPackage(ObjectMapper.class.getModule());
      closed.look(type);
      mapping.getPath().forEach(reference -> closed.look(reference.getFrom()));
      hint = closed.hint();
    }
    String message =
        e instanceof JsonProcessingException jackson
            ? jackson.getOriginalMessage()
            : String.valueOf(e.getMessage());
    return new JsonException(message + hint, e);
  }

  @Override
  public String toString() {
    return "Jackson2Codec[" + mapper.version() + "]";
  }
}
