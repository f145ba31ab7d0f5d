package dev.aioli.process;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import org.jspecify.annotations.Nullable;

/**
 * An object as bytes.
 *
 * @param bytes holds them; may be longer
 * @param length how many there are
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copying is what it avoids
record Payload(byte[] bytes, int length) {
  static final Payload EMPTY = new Payload(new byte[0], 0);

  /**
   * Serializes an object.
   *
   * @param what for the message: "the job", "the result"
   * @throws JobSerializationException if that fails for whatever reason
   */
  static Payload of(@Nullable Object object, String what) {
    Buffer buffer = new Buffer();
    try (var stream = new ObjectOutputStream(buffer)) {
      stream.writeObject(object);
    } catch (Throwable e) { // a writeObject may throw anything
      throw new JobSerializationException(
          what + " cannot be serialized: " + Culprit.describe(object, e), e);
    }
    return buffer.payload();
  }

  /**
   * The object that the bytes say.
   *
   * @param loader finds its classes
   * @throws JobSerializationException if that fails for whatever reason
   */
  static @Nullable Object read(byte[] bytes, String what, @Nullable ClassLoader loader) {
    try (var stream = new Input(new ByteArrayInputStream(bytes), loader)) {
      return stream.readObject();
    } catch (ClassNotFoundException | NoClassDefFoundError e) {
      throw new JobSerializationException(
          what
              + " is of a class that this process does not find on its class path or module path (a"
              + " program that runs as a source file has its classes in memory only): "
              + e,
          e);
    } catch (Throwable e) { // a readObject, too
      throw new JobSerializationException(what + " cannot be deserialized: " + SafeText.of(e), e);
    }
  }

  /** A byte array stream that does not copy its array at the end. */
  private static final class Buffer extends ByteArrayOutputStream {
    Payload payload() {
      return new Payload(buf, count);
    }
  }

  /** Looks for classes where the job's own class came from. */
  private static final class Input extends ObjectInputStream {
    private final @Nullable ClassLoader loader;

    Input(InputStream in, @Nullable ClassLoader loader) throws IOException {
      super(in);
      this.loader = loader;
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      try {
        return Class.forName(description.getName(), false, loader);
      } catch (ClassNotFoundException e) {
        return super.resolveClass(description); // primitive types, for one
      }
    }
  }
}
