package dev.aioli.http.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PiecesTest {
  @Test
  void aByteAtATimeCostsNoMoreThanAPieceOfAll() {
    Pieces pieces = new Pieces();
    for (int i = 0; i < 64 * 1024; i++) {
      pieces.add(Unpooled.wrappedBuffer(new byte[] {(byte) i}));
    }
    int count = 0;
    int next = 0;
    for (byte[] piece = pieces.poll(); piece != null; piece = pieces.poll()) {
      count++;
      for (byte b : piece) {
        assertThat(b).isEqualTo((byte) next++);
      }
    }
    assertThat(next).isEqualTo(64 * 1024);
    assertThat(count).isLessThan(20);
    assertThat(pieces.isEmpty()).isTrue();
  }

  @Test
  void whatIsTakenIsWhatWasAddedWhateverTheSizes() {
    Random random = new Random(1);
    Pieces pieces = new Pieces();
    ByteArrayOutputStream added = new ByteArrayOutputStream();
    ByteArrayOutputStream taken = new ByteArrayOutputStream();
    for (int i = 0; i < 2_000; i++) {
      if (random.nextInt(3) > 0) {
        byte[] bytes = new byte[random.nextInt(i % 10 == 0 ? 20_000 : 100)];
        random.nextBytes(bytes);
        added.writeBytes(bytes);
        pieces.add(Unpooled.wrappedBuffer(bytes));
      } else {
        byte[] piece = pieces.poll();
        assertThat(piece == null).isEqualTo(added.size() == taken.size());
        taken.writeBytes(piece == null ? new byte[0] : piece);
      }
      assertThat(pieces.bytes()).isEqualTo(added.size() - taken.size());
    }
    for (byte[] piece = pieces.poll(); piece != null; piece = pieces.poll()) {
      taken.writeBytes(piece);
    }
    assertThat(taken.toByteArray()).isEqualTo(added.toByteArray());
  }

  @Test
  void aPieceThatIsTakenAtOnceIsAsItCame() {
    Pieces pieces = new Pieces();
    pieces.add(Unpooled.wrappedBuffer(new byte[] {1, 2}));
    assertThat(pieces.poll()).isEqualTo(new byte[] {1, 2});
    pieces.add(Unpooled.wrappedBuffer(new byte[] {3}));
    pieces.clear();
    assertThat(pieces.poll()).isNull();
  }
}
