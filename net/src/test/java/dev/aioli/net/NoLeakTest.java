package dev.aioli.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeak.class)
class NoLeakTest {
  /** Else the extension would find nothing in the other classes, whatever they do. */
  @Test
  void aBufferThatIsNotReleasedIsFound() {
    for (int i = 0; i < 100; i++) {
      ByteBufAllocator.DEFAULT.directBuffer(16).writeByte(i);
    }
    List<String> leaks = new ArrayList<>();
    for (int i = 0; i < 50 && leaks.isEmpty(); i++) {
      leaks.addAll(NoLeak.takeLeaks());
    }
    for (List<String> more = NoLeak.takeLeaks(); !more.isEmpty(); more = NoLeak.takeLeaks()) {
      leaks.addAll(more);
    }
    assertThat(leaks).isNotEmpty();
  }
}
