package dev.aioli.http;

import dev.aioli.http.wire.Http1Fields;
import dev.aioli.http.wire.HttpDate;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of a message, in the order in which they came. Names are compared without
 * regard to case; a name may occur several times. Not changed once made.
 */
public final class Headers implements Iterable<Map.Entry<String, String>> {
  /** No fields. */
  public static final Headers EMPTY = new Headers(new DefaultHttpHeaders());

  /**
   * For the other packages of this module: nobody else can use it, as its class is not exported.
   *
   * @hidden
   */
  @SuppressWarnings({"exports", "InvalidBlockTag"}) // fields may be hidden as well
  public static final Http1Fields.Door<Headers> NETTY =
      new Http1Fields.Door<>() {
        @Override
        public Headers headers(HttpHeaders fields) {
          return new Headers(fields);
        }

        @Override
        public HttpHeaders fields(Headers headers) {
          return headers.fields;
        }
      };

  private final HttpHeaders fields;

  private Headers(HttpHeaders fields) {
    this.fields = fields;
  }

  /**
   * Fields given as name, value, name, value...
   *
   * @throws IllegalArgumentException if a name or value has characters that HTTP forbids, such as a
   *     line end or one above U+00FF, or if the last value is missing
   */
  public static Headers of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "expected names and values in turn, found " + namesAndValues.length + " strings");
    }
    HttpHeaders fields = new DefaultHttpHeaders();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      add(fields, namesAndValues[i], namesAndValues[i + 1]);
    }
    return new Headers(fields);
  }

  /**
   * These and one more, after those with the same name.
   *
   * @throws IllegalArgumentException as {@link #of}
   */
  public Headers with(String name, String value) {
    HttpHeaders more = Http1Fields.copy(fields);
    add(more, name, value);
    return new Headers(more);
  }

  private static void add(HttpHeaders fields, String name, String value) {
    fields.add(name, checkValue(name, value));
  }

  /** A character is sent as a byte: others would become question marks. */
  private static String checkValue(String name, String value) {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) > 0xff) {
        throw new IllegalArgumentException(
            "expected characters up to U+00FF in header %s, found U+%04X; percent-encode a URL"
                .formatted(name, value.codePointAt(i)));
      }
    }
    return value;
  }

  /**
   * These, with one value for a name in the place of those that it has.
   *
   * @throws IllegalArgumentException as {@link #of}
   */
  public Headers replaced(String name, String value) {
    return new Headers(Http1Fields.copy(fields).set(name, checkValue(name, value)));
  }

  /** These, but for some names. */
  public Headers without(Iterable<String> names) {
    HttpHeaders fewer = fields.copy();
    for (String name : names) {
      fewer.remove(name);
    }
    return new Headers(fewer);
  }

  /** The first value of a name; null if there is none. */
  public @Nullable String get(String name) {
    return fields.get(name);
  }

  /**
   * The time that the first value of a name tells, in one of the three formats of HTTP (RFC 9110,
   * 5.6.7); null if there is none, or it tells no time.
   */
  public @Nullable Instant getInstant(String name) {
    return HttpDate.parse(get(name));
  }

  /** All values of a name. */
  public List<String> getAll(String name) {
    return List.copyOf(fields.getAll(name));
  }

  /** Whether a name occurs. */
  public boolean contains(String name) {
    return fields.contains(name);
  }

  /** The number of fields. */
  public int size() {
    return fields.size();
  }

  /** Name and value of each field, in order. */
  @Override
  public Iterator<Map.Entry<String, String>> iterator() {
    return fields.iteratorAsString();
  }

  @Override
  public String toString() {
    return StreamSupport.stream(spliterator(), false)
        .map(field -> field.getKey() + ": " + field.getValue())
        .collect(Collectors.joining(", ", "Headers[", "]"));
  }
}
