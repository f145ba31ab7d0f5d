package dev.aioli.cli;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import org.jspecify.annotations.Nullable;

/**
 * A body to be shown in a result.
 *
 * @param bytes what was received
 * @param charset what it is written in, should it be text
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes are handed over, not compared
record Body(byte[] bytes, Charset charset) {
  /** The text; null if the bytes are not valid in the charset. */
  @Nullable String text() {
    try {
      return charset
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes))
          .toString();
    } catch (CharacterCodingException | UnsupportedOperationException notText) {
      return null;
    }
  }
}
